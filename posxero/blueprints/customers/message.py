"""The message after a save, *Send ours to Xero* or *Try again*: it follows the badge, then disappears.

The act announces it (`announce`), the contact's page shows it once (`Message.announced`): as a toast on a page that
stays, as a banner on a whole page. While Xero may still answer it asks for itself anew.
"""

from dataclasses import dataclass
from typing import Any, Final, Self
from uuid import UUID

from flask import session, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp
from posxero.blueprints.customers.contact_page import POLLS, Sheet
from posxero.domain.enums import Right, SyncState
from posxero.web.htmx import go_to, render, request
from posxero.web.numbers import whole
from posxero.web.sign_in import allowed
from posxero.web.sync_sentences import Act, outcome

ANNOUNCED: Final = "announced"  # key of the session: the contact and the act
KINDS: Final = {SyncState.SYNCED: "ok", SyncState.NONE: "ok", SyncState.WAITING: "info", SyncState.PAUSED: "info"}


@dataclass(frozen=True)
class Message:
    """One message: `polls` is how often it has asked for itself; `banner` that it stands in a whole page."""

    act: Act
    sheet: Sheet
    polls: int
    banner: bool

    @classmethod
    def announced(cls, sheet: Sheet) -> Self | None:
        """Return the message that the contact's page is to show, once; None when nothing was announced."""
        if session.get(ANNOUNCED, ("",))[0] != str(sheet.contact.id):
            return None
        act = Act(session.pop(ANNOUNCED)[1])
        return cls(act, sheet, polls=0, banner=not request.htmx.partial)

    @property
    def words(self) -> str:
        """What the act came to so far."""
        return outcome(self.act, self.sheet.contact.name, self.sheet.badge.state, self.sheet.reason)

    @property
    def kind(self) -> str:
        """The kind of toast or notice: ok, info or warn."""
        return "ok" if self.act is Act.KEPT else KINDS.get(self.sheet.badge.state, "warn")

    @property
    def next_url(self) -> str:
        """Where it asks for itself; "" when it will not change any more."""
        if self.act is Act.KEPT or not self.sheet.unsettled or self.polls >= POLLS:
            return ""
        asked: dict[str, Any] = {"act": self.act.value, "polls": self.polls + 1, "banner": 1 if self.banner else None}
        return url_for(".message", contact_id=self.sheet.contact.id, **asked)


def announce(contact_id: UUID, act: Act) -> None:
    """Let the contact's page, which comes next, say what an act comes to."""
    session[ANNOUNCED] = [str(contact_id), act.value]


@bp.get("/<uuid:contact_id>/message")
@allowed(Right.READ, polls=True)
def message(contact_id: UUID) -> ResponseReturnValue:
    """Answer the message that asks for itself."""
    sheet, act = Sheet.of(contact_id), request.args.get("act", "")
    if not request.htmx.partial:
        return go_to(url_for(".show", contact_id=contact_id))
    polls = min(whole(request.args.get("polls"), POLLS), POLLS)
    found = Message(Act(act) if act in set(Act) else Act.SENT, sheet, polls, banner="banner" in request.args)
    return render("customers/message.html", block="message", message=found)
