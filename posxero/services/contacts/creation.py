"""Adding a customer or a supplier: once, however often the form is sent."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.business import Business
from posxero.db.contact import Contact
from posxero.db.engine import writing
from posxero.db.form_submission import FormPurpose
from posxero.domain.columns import columns_of, provenance_of
from posxero.domain.enums import ActivityKind
from posxero.domain.kinds import ContactKind
from posxero.domain.normalise import clean, with_name
from posxero.services import activity, form_submissions
from posxero.services.contacts import contacts, drafts, rules
from posxero.services.contacts.labels import checks as labels
from posxero.services.contacts.search.keys import search_columns
from posxero.services.contacts.submissions import ContactSubmission


def create(
    session: Session, business: Business, form: ContactSubmission, *, kind: ContactKind, by: str, now: datetime
) -> Contact:
    """Add a contact; commits. It is not linked to Xero.

    Raises:
        InvalidContact: A field is wrong. Nothing is saved.
        DuplicateContact: Another has this email, mobile or phone, and that is not confirmed. Nothing is saved.
    """
    values = with_name(clean(form.values))
    try:
        with writing(session):
            earlier = _created_by(session, business.id, form.idempotency_key)
            if earlier is None:
                contact_id = _claim_key(session, business.id, form.idempotency_key, now)
                context = rules.context_of(business, kind, now)
                values = labels.with_names(session, business.id, values)
                rules.check(session, business.id, values, context=context, confirmed=True)
                if not form.confirmed:
                    rules.refuse_known(session, business, values)
                contact = _insert(session, business, contact_id, values, kind, now, by=by)
                activity.record(session, contact, ActivityKind.ADDED, by=by, now=now)
            if form.draft:
                drafts.delete_draft(session, form.draft, form.idempotency_key)
    except IntegrityError:  # the same form, or the same code, a moment earlier
        earlier = _created_by(session, business.id, form.idempotency_key)
        if earlier is None:
            raise rules.CodeTaken(kind) from None
    return earlier or contact


def _claim_key(session: Session, business_id: UUID, idempotency_key: str, now: datetime) -> UUID:
    """Return the id of the new contact; a second submission of the form waits here, and then finds the first."""
    contact_id = new_id()
    form_submissions.record(session, business_id, idempotency_key, FormPurpose.CONTACT, contact_id, now=now)
    return contact_id


def _insert(
    session: Session,
    business: Business,
    contact_id: UUID,
    values: Mapping[str, str],
    kind: ContactKind,
    now: datetime,
    *,
    by: str,
) -> Contact:
    given = [key for key, value in values.items() if value]
    contact = Contact(
        business_id=business.id,
        id=contact_id,
        is_customer=kind is ContactKind.CUSTOMER,
        is_supplier=kind is ContactKind.SUPPLIER,
        version=1,
        revision=1,
        created_at=now,
        updated_at=now,
        **columns_of(values),
        **provenance_of(given, source=by, now=now),
        **search_columns(values, business.country),
    )
    session.add(contact)
    session.flush()
    return contact


def _created_by(session: Session, business_id: UUID, idempotency_key: str) -> Contact | None:
    contact_id = form_submissions.find_result(session, business_id, idempotency_key, FormPurpose.CONTACT)
    return contacts.get(session, business_id, contact_id) if contact_id else None
