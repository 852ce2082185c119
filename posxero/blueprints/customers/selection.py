"""Select single contacts of a list, to change those: `?select=1` shows tick boxes, `all` or an id with some ticked.

What is selected is in no session: the boxes are a form, which sends `selected` to what changes lists, and to the next
page of the list, which carries it along.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Protocol, Self
from uuid import UUID

from flask import url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import list_query
from posxero.domain.enums import Right
from posxero.services.contacts.search.results import ListQuery
from posxero.web.htmx import go_to, request, toast
from posxero.web.sign_in import current_user

EVERY: Final = "all"
MAX_CARRIED: Final = 100  # contacts that go along to another page of the list


class HasId(Protocol):
    """A row of the list."""

    @property
    def id(self) -> UUID:
        """Return the id of its contact."""


@dataclass(frozen=True)
class Selection:
    """Whether a list shows tick boxes, and which of them are ticked to begin with."""

    asked: ListQuery
    mode: str = ""  # the parameter; "" shows no boxes
    ticked: tuple[UUID, ...] = ()  # on this page and on others

    @classmethod
    def from_request(cls, asked: ListQuery) -> Self:
        """Read the parameter; only who may change a list selects from it."""
        mode = request.args.get("select", "") if current_user.may(Right.MANAGE) else ""
        ticked = (list_query.from_request().selected or ()) if mode else ()
        if len(ticked) > MAX_CARRIED:
            toast(f"You can select {MAX_CARRIED} at a time. The first {MAX_CARRIED} are selected.", "warn")
        return cls(asked, mode, ticked[:MAX_CARRIED])

    @property
    def list_params(self) -> dict[str, str]:
        """Return the parameters of this page of the list."""
        return list_query.params_of(replace(self.asked, selected=None), page=self.asked.page)

    @property
    def list_url(self) -> str:
        """Return the URL of the first page of the list, with boxes where it has them now, and what is ticked."""
        boxes = {"select": "1"} if self.mode else {}
        if self.ticked:
            boxes["selected"] = ",".join(map(str, self.ticked))
        return list_query.with_params(url_for(".index"), {**list_query.params_of(self.asked), **boxes})

    @cached_property
    def done_url(self) -> str:
        """Return the URL of this page of the list without boxes."""
        return list_query.with_params(url_for(".index"), self.list_params)

    def url(self, mode: UUID | int = 1) -> str:
        """Return the URL of this page of the list with boxes; that of a contact is ticked."""
        return f"{self.done_url}{'&' if '?' in self.done_url else '?'}select={mode}"

    def has(self, contact_id: UUID) -> bool:
        """Return whether a contact's box is ticked to begin with."""
        return self.mode in {EVERY, str(contact_id)} or contact_id in self.ticked

    def carried(self, rows: Sequence[HasId]) -> list[UUID]:
        """Return those ticked that have no box among these rows."""
        shown = {row.id for row in rows}
        return [one for one in self.ticked if one not in shown]


def ask_to_select(asked: ListQuery) -> ResponseReturnValue:
    """Go back to the boxes, of which none was ticked."""
    toast(f"Select the {asked.kind.many} first.", "warn")
    return go_to(Selection(asked).url())
