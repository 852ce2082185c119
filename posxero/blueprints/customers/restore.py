"""Restoring an earlier version of a contact: what it would change. The form is saved by `edit`, as any other."""

from dataclasses import replace
from uuid import UUID

from flask import Response, g
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp, conflict_page
from posxero.blueprints.customers.contact_kind import contact_kind
from posxero.blueprints.customers.contact_page import ContactPage
from posxero.db.activity import Activity
from posxero.db.session import db
from posxero.domain.diff import needs_push
from posxero.domain.enums import ActivityKind, Right
from posxero.domain.fields import by_key
from posxero.services.contacts import conflicts
from posxero.services.contacts.conflicts import Changes, Keep
from posxero.services.contacts.history import versions, wording
from posxero.services.contacts.history.versions import DetailsErased
from posxero.services.contacts.rules import CODE, CodeTaken
from posxero.services.contacts.submissions import ContactSubmission
from posxero.services.errors import NotFound
from posxero.web.htmx import render, request
from posxero.web.idempotency import new_idempotency_key
from posxero.web.numbers import parse_uuid
from posxero.web.sign_in import allowed
from posxero.web.times import date_and_time


@bp.get("/<uuid:contact_id>/history/<uuid:entry_id>/restore")
@allowed(Right.EDIT)
def restore_version(contact_id: UUID, entry_id: UUID) -> ResponseReturnValue:
    """Show what restoring a version would change, with the form that does."""
    contact_page = ContactPage.of(contact_id)
    entry = versions.get(db.session, g.business.id, contact_id, entry_id)
    changes, is_known = _changes_to(contact_page, entry)
    return render(
        "customers/restore.html",
        kind=contact_kind(),
        contact_page=contact_page,
        entry=entry,
        changes=changes,
        is_known=is_known,
        updates_xero=_updates_xero(contact_page, changes),
        idempotency_key=new_idempotency_key(),
        wording=wording,
        by_key=by_key,
    )


def _changes_to(contact_page: ContactPage, entry: Activity) -> tuple[Changes, bool]:
    """Return what restoring would change, and whether the version is still known."""
    try:
        return versions.changes_to(db.session, contact_page.contact, entry), True
    except DetailsErased:
        return {}, False


def _updates_xero(contact_page: ContactPage, changes: Changes) -> bool:
    return needs_push(changes) and contact_page.link is not None and not contact_page.link.state.is_gone


def marked(contact_id: UUID, form: ContactSubmission) -> ContactSubmission:
    """Return a submitted form with what the history will say of it, where it restores a version."""
    entry_id = parse_uuid(request.form.get("restores"))
    if entry_id is None:
        return form
    try:
        entry = versions.get(db.session, g.business.id, contact_id, entry_id)
    except NotFound:
        return form
    note = f"Restored the version of {date_and_time(entry.at)}"
    keeps_code = form.choices.keep.get(CODE) is Keep.SAVED
    values = {key: value for key, value in form.values.items() if key != CODE or not keeps_code}
    return replace(form, values=values, event=ActivityKind.VERSION_RESTORED, note=note)


def ask_for_code(contact_id: UUID, form: ContactSubmission, taken: CodeTaken) -> Response | None:
    """Ask which code to keep, where a version is restored whose code is another's now; None where that was asked."""
    if form.event is not ActivityKind.VERSION_RESTORED or CODE in form.choices.keep:
        return None
    contact_page = ContactPage.of(contact_id)
    conflict = conflicts.over_code(contact_page.contact, form.values, form.choices)
    return conflict_page.answer(contact_page, conflict, version=form.seen, taken=taken)
