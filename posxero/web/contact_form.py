"""The contact form of a request: what was sent, and where its draft belongs."""

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
from posxero.web.numbers import whole

SAVES = {f"{kind.many}.{endpoint}": kind for kind in ContactKind for endpoint in ("new", "edit")}
DRAFTS = {f"{kind.many}.{endpoint}": kind for kind in ContactKind for endpoint in ("keep_new_draft", "keep_draft")}


def sent_form() -> SentForm | None:
    """Return the contact form that the request sends, to be saved or as a draft; None when it sends none."""
    kind = (SAVES | DRAFTS).get(request.endpoint or "")
    if kind is None or request.method != "POST":
        return None
    return _form(kind, request.view_args or {}, request.form)


def carried_form(carried: Mapping[str, str]) -> SentForm | None:
    """Return the contact form whose fields a sign-in page carries, `at` the address that it was sent to."""
    try:
        endpoint, arguments = current_app.url_map.bind("").match(carried.get("at", ""), method="POST")
    except HTTPException:  # a redirect, or no such address
        return None
    return _form(SAVES[endpoint], arguments, carried) if endpoint in SAVES else None


def _form(kind: ContactKind, arguments: Mapping[str, Any], sent: Mapping[str, str]) -> SentForm:
    return SentForm(
        kind=kind,
        contact_id=arguments.get("contact_id"),
        fields={key: sent[key] for key in KEYS if key in sent},
        version=whole(sent.get("version"), 0),
        idempotency_key=idempotency_key_of(sent),
    )


def draft_place(kind: ContactKind, contact_id: UUID | None) -> DraftPlace:
    """Return where the signed-in person's draft of a contact belongs, of a new one where `contact_id` is None."""
    return DraftPlace(business_id=g.business.id, user_id=current_user.id, kind=kind, contact_id=contact_id)
