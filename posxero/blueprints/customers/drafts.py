"""Drafts: the page sends what is typed, a person discards it. `edit.py` offers it when the form opens again."""

from uuid import UUID

from flask import g, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from posxero.blueprints.customers import bp
from posxero.blueprints.customers.contact_kind import contact_kind
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.services.contacts import contacts, drafts
from posxero.services.contacts.drafts import DraftTooLarge
from posxero.web.contact_form import draft_place, submitted_contact_form
from posxero.web.htmx import go_to, request
from posxero.web.idempotency import submitted_idempotency_key
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed


@bp.post("/new/draft")
@allowed(Right.EDIT, polls=True)
def keep_new_draft() -> ResponseReturnValue:
    """Keep what is typed into the form of a new contact."""
    return _keep(None)


@bp.post("/<uuid:contact_id>/draft")
@allowed(Right.EDIT, polls=True)
def keep_draft(contact_id: UUID) -> ResponseReturnValue:
    """Keep what is typed into the form of a contact."""
    return _keep(contact_id)


@bp.post("/new/draft/discard")
@allowed(Right.EDIT)
def discard_new_draft() -> ResponseReturnValue:
    """Discard the draft of a new contact."""
    return _discard(None)


@bp.post("/<uuid:contact_id>/draft/discard")
@allowed(Right.EDIT)
def discard_draft(contact_id: UUID) -> ResponseReturnValue:
    """Discard the draft of a contact."""
    contacts.get(db.session, g.business.id, contact_id)
    return _discard(contact_id)


def _keep(contact_id: UUID | None) -> ResponseReturnValue:
    sent = submitted_contact_form()
    try:
        kept = drafts.save_draft(db.session, g.business.id, current_user.id, sent, now=request_time()) if sent else None
    except DraftTooLarge:
        raise RequestEntityTooLarge from None
    if kept is None and contact_id:
        contacts.get(db.session, g.business.id, contact_id)
    return ("", 204) if request.htmx else go_to(_form_url(contact_id))


def _discard(contact_id: UUID | None) -> ResponseReturnValue:
    drafts.discard(db.session, draft_place(contact_kind(), contact_id), submitted_idempotency_key())
    return go_to(_form_url(contact_id), stay=True)


def _form_url(contact_id: UUID | None) -> str:
    return url_for(".edit", contact_id=contact_id) if contact_id else url_for(".new")
