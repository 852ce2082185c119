"""The message after a save, *Send ours to Xero* or *Try again*: it follows the badge, then disappears.

The act announces it (`announce`), the contact's page shows it once (`Message.announced`): as a toast on a page that
stays, as a banner on a whole page. While Xero may still answer it reloads itself.
"""

from dataclasses import dataclass
from typing import Any, Final, Self
from uuid import UUID

from flask import session, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp
from posxero.blueprints.customers.contact_page import MAX_POLLS, ContactPage
from posxero.domain.enums import Right, SyncState
from posxero.web.htmx import go_to, render, request
from posxero.web.numbers import parse_int
from posxero.web.sign_in import allowed
from posxero.web.sync_messages import Action, action_message

ANNOUNCED: Final = "announced"  # key of the session: the contact and the act
KINDS: Final = {SyncState.SYNCED: "ok", SyncState.NONE: "ok", SyncState.WAITING: "info", SyncState.PAUSED: "info"}


@dataclass(frozen=True)
class Message:
    """One message: `polls` is how often it has asked for itself; `banner` that it stands in a whole page."""

    act: Action
    contact_page: ContactPage
    polls: int
    banner: bool

    @classmethod
    def announced(cls, contact_page: ContactPage) -> Self | None:
        """Return the message that the contact's page is to show, once; None when nothing was announced."""
        if session.get(ANNOUNCED, ("",))[0] != str(contact_page.contact.id):
            return None
        act = Action(session.pop(ANNOUNCED)[1])
        return cls(act, contact_page, polls=0, banner=not request.htmx.partial)

    @property
    def text(self) -> str:
        """What the act came to so far."""
        return action_message(
            self.act, self.contact_page.contact.name, self.contact_page.badge.state, self.contact_page.badge_detail
        )

    @property
    def kind(self) -> str:
        """The kind of toast or notice: ok, info or warn."""
        return "ok" if self.act is Action.KEPT else KINDS.get(self.contact_page.badge.state, "warn")

    @property
    def next_url(self) -> str:
        """Where it asks for itself; "" when it will not change any more."""
        if self.act is Action.KEPT or not self.contact_page.unsettled or self.polls >= MAX_POLLS:
            return ""
        asked: dict[str, Any] = {"act": self.act.value, "polls": self.polls + 1, "banner": 1 if self.banner else None}
        return url_for(".message", contact_id=self.contact_page.contact.id, **asked)


def announce(contact_id: UUID, act: Action) -> None:
    """Let the contact's page, which comes next, say what an act comes to."""
    session[ANNOUNCED] = [str(contact_id), act.value]


@bp.get("/<uuid:contact_id>/message")
@allowed(Right.READ, polls=True)
def message(contact_id: UUID) -> ResponseReturnValue:
    """Answer the message that asks for itself."""
    contact_page, act = ContactPage.of(contact_id), request.args.get("act", "")
    if not request.htmx.partial:
        return go_to(url_for(".show", contact_id=contact_id))
    polls = min(parse_int(request.args.get("polls"), MAX_POLLS), MAX_POLLS)
    found = Message(
        Action(act) if act in set(Action) else Action.SENT, contact_page, polls, banner="banner" in request.args
    )
    return render("customers/message.html", block="message", message=found)
