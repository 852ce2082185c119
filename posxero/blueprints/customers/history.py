"""The history of one contact, page by page."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import g
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp, history_query, list_query
from posxero.blueprints.customers.history_query import HistoryQuery
from posxero.db.contact import Contact
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.domain.fields import by_key
from posxero.services.contacts import contacts, merged
from posxero.services.contacts.history import entries, versions, wording
from posxero.services.contacts.history.entries import HistoryPage
from posxero.web.htmx import render
from posxero.web.sign_in import allowed

NOBODY: Final[Mapping[UUID, str]] = {}


@bp.get("/<uuid:contact_id>/history")
@allowed(Right.READ)
def history(contact_id: UUID) -> ResponseReturnValue:
    """Show one page of the history of a contact, filtered by the query string."""
    contact = contacts.get(db.session, g.business.id, contact_id)
    asked, listed = HistoryQuery.from_request(), list_query.from_request()
    names = merged.names_of(db.session, contact)
    return render(
        "customers/history.html",
        block={"entries": "entries"},
        kind=listed.kind,
        contact=contact,
        list_params=list_query.params_of(listed, page=listed.page),
        asked=asked,
        topics=history_query.TOPICS,
        fields=history_query.field_options(),
        actors=asked.actors(entries.actors(db.session, g.business.id, contact_id, merged=names)),
        **_page_context(contact, asked, names),
    )


def _page_context(contact: Contact, asked: HistoryQuery, names: Mapping[UUID, str]) -> dict[str, Any]:
    place = {"before": asked.before, "after": asked.after}
    found = entries.page(db.session, contact.business_id, contact.id, asked.chosen, merged=names, **place)
    is_erased = contact.erased_at is not None
    return entry_context(found, is_whole=not asked.chosen, is_erased=is_erased, names=names)


def entry_context(
    found: HistoryPage, *, is_whole: bool = True, is_erased: bool = False, names: Mapping[UUID, str] = NOBODY
) -> dict[str, Any]:
    """Return what `customers/_entries.html` is drawn from.

    Args:
        is_whole: No entry is left out, so that the first version of the newest page is the current one.
        is_erased: The details of the contact were erased: no version of it comes back.
        names: Of the contacts that were merged into this one, by id; their versions are not restored.
    """
    saved = [entry for entry in found.entries if entry.contact_id not in names and versions.is_version(entry)]
    earlier = saved[1:] if is_whole and not found.newer else saved
    restorable = {entry.id for entry in earlier if not is_erased and not wording.emptied_note(entry)}
    return {"found": found, "restorable": restorable, "wording": wording, "by_key": by_key, "names": names}
