"""The contact form of a request, and the place of its draft."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import current_app, g
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from posxero.domain.fields import KEYS
from posxero.domain.kinds import ContactKind
from posxero.services.contacts.drafts import DraftPlace, SentForm
from posxero.web.htmx import request
from posxero.web.idempotency import idempotency_key_of
from posxero.web.numbers import parse_int

SAVE_ENDPOINTS = {f"{kind.many}.{endpoint}": kind for kind in ContactKind for endpoint in ("new", "edit")}
DRAFT_ENDPOINTS = {
    f"{kind.many}.{endpoint}": kind for kind in ContactKind for endpoint in ("keep_new_draft", "keep_draft")
}


def submitted_contact_form() -> SentForm | None:
    """Return the contact form that the request submits, to be saved or as a draft; None for other requests."""
    kind = (SAVE_ENDPOINTS | DRAFT_ENDPOINTS).get(request.endpoint or "")
    if kind is None or request.method != "POST":
        return None
    return _form(kind, request.view_args or {}, request.form)


def carried_contact_form(carried: Mapping[str, str]) -> SentForm | None:
    """Return the contact form whose fields a sign-in page carries; its field `at` is the path of the form."""
    try:
        endpoint, arguments = current_app.url_map.bind("").match(carried.get("at", ""), method="POST")
    except HTTPException:  # a redirect, or no such address
        return None
    return _form(SAVE_ENDPOINTS[endpoint], arguments, carried) if endpoint in SAVE_ENDPOINTS else None


def _form(kind: ContactKind, arguments: Mapping[str, Any], fields: Mapping[str, str]) -> SentForm:
    return SentForm(
        kind=kind,
        contact_id=arguments.get("contact_id"),
        fields={key: fields[key] for key in KEYS if key in fields},
        version=parse_int(fields.get("version"), 0),
        idempotency_key=idempotency_key_of(fields),
    )


def draft_place(kind: ContactKind, contact_id: UUID | None) -> DraftPlace:
    """Return the place of the signed-in user's draft of a contact; of a new contact where `contact_id` is None."""
    return DraftPlace(business_id=g.business.id, user_id=current_user.id, kind=kind, contact_id=contact_id)
