"""Charge a sale to a customer's account: once, however often the form is sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.business import Business
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.db.form_submission import FormPurpose
from posxero.db.sale import Sale, SaleLine
from posxero.domain.enums import ActivityKind, SaleStatus
from posxero.domain.money import ZERO
from posxero.domain.sale_rules import ParsedLine
from posxero.domain.text import normalise
from posxero.queue import JobQueue
from posxero.services import activity, customer_balances, form_submissions, owed, sale_numbers
from posxero.services.contacts import contacts, emptied_fields
from posxero.services.contacts.emptied_fields import EmptyFields
from posxero.services.sales import balances, queries
from posxero.services.sales.errors import ArchivedCustomer, OverLimit
from posxero.services.sales.form import ChargeContext, CheckedSale, SaleForm, check
from posxero.services.sales.queries import Charged
from posxero.services.sales.terms import SaleTerms, load_terms
from posxero.services.sync_status import badges
from posxero.services.sync_status.connection_status import load_connection_status
from posxero.services.xero_connection import connections

MAX_REASON: Final = 500  # characters of a manager's reason


def charge(
    session: Session,
    business: Business,
    contact_id: UUID,
    form: SaleForm,
    context: ChargeContext,
    *,
    now: datetime,
    jobs: JobQueue,
) -> Charged:
    """Charge a sale to a customer's account; commits once, then enqueues a push.

    The contact is owed to Xero again: the sale overwrites what was changed there. The check of the limit holds
    the contact's row: of two tills the second one sees the first one's sale.

    Raises:
        NotFound: There is no such customer in this business.
        Erased, Merged: The customer's details were erased, or it was merged into another.
        InvalidSale, MissingSettings, CannotCharge, OverLimit, WouldEmpty: Nothing is saved.
    """
    try:
        with writing(session):
            charged = queries.find_submitted(session, business.id, contact_id, form, context.rules)
            if charged is None:
                charged = _charge(session, business, contact_id, form, context, now)
    except IntegrityError:  # the same form a moment earlier
        charged = queries.find_submitted(session, business.id, contact_id, form, context.rules)
        if charged is None:
            raise
    jobs.push(business.id, awaited=True)
    return charged


def _charge(
    session: Session, business: Business, contact_id: UUID, form: SaleForm, context: ChargeContext, now: datetime
) -> Charged:
    sale_id = new_id()
    form_submissions.record(session, business.id, form.idempotency_key, FormPurpose.SALE, sale_id, now=now)
    status = load_connection_status(session, business.id)
    must_wait = _must_match_first(session, business.id, status.tenant_id)
    contact = contacts.get(session, business.id, contact_id, lock=True)
    if contact.archived_at is not None:
        raise ArchivedCustomer(contact.name)
    terms = load_terms(session, business, status)
    checked = check(form, context.rules, terms)
    reason = _check_limit(session, contact, checked, terms, form, context)
    link = badges.link_to(session, contact, terms.tenant_id)
    _owe_contact(session, business, contact, link, form.empty_fields, by=context.by, now=now)
    if link is None and not must_wait:
        session.add(owed.link_to_create(contact, terms.tenant_id, by=context.by, now=now, match_first=True))
    sale = _sale(sale_id, contact, checked, terms, context, now, number=sale_numbers.take_number(session, business.id))
    sale.over_limit_reason = reason
    session.add(sale)
    customer_balances.refresh(session, business.id, [contact.id], are_locked=True)
    _record(session, contact, sale, by=context.by, now=now)
    return Charged(sale, contact)


def _check_limit(
    session: Session, contact: Contact, checked: CheckedSale, terms: SaleTerms, form: SaleForm, context: ChargeContext
) -> str:
    """Return the reason why the limit is passed; "" where it is not."""
    try:
        balances.load_account(session, contact, terms.default_limit).check(checked.total)
    except OverLimit:
        reason = normalise(form.over_limit_reason)[:MAX_REASON]
        if not context.may_override or not reason:
            raise
        return reason
    return ""


def _must_match_first(session: Session, business_id: UUID, tenant_id: UUID) -> bool:
    """Return whether a customer without a link must wait for an import, which cannot end until the caller commits."""
    if not connections.must_match_first(session, business_id, tenant_id):
        return False
    connections.lock_matching(session, business_id, tenant_id, is_shared=True)
    return connections.must_match_first(session, business_id, tenant_id)


def _owe_contact(
    session: Session,
    business: Business,
    contact: Contact,
    link: Link | None,
    empty_fields: EmptyFields,
    *,
    by: str,
    now: datetime,
) -> None:
    """Owe Xero the contact, which goes before its sale."""
    added = _values_from_xero(session, contact, link, empty_fields)
    if added:
        filled = {key: ("", value) for key, value in added.items()}
        contacts.write(session, business, contact, filled, now, by=by)
        activity.record(session, contact, ActivityKind.EDITED, by=by, now=now, changes=filled)
    owed.owe(session, contact, by=by, now=now)


def _values_from_xero(
    session: Session, contact: Contact, link: Link | None, empty_fields: EmptyFields
) -> Mapping[str, str]:
    if link is None or link.xero_id is None:
        return {}
    return emptied_fields.values_to_add(session, contact, contacts.values_of(contact), empty_fields, link=link)


def _sale(
    sale_id: UUID,
    contact: Contact,
    checked: CheckedSale,
    terms: SaleTerms,
    context: ChargeContext,
    now: datetime,
    *,
    number: str,
) -> Sale:
    lines = [_line(contact.business_id, position, line, terms) for position, line in enumerate(checked.lines)]
    return Sale(
        business_id=contact.business_id,
        id=sale_id,
        tenant_id=terms.tenant_id,
        owed_revision=1,
        owed_at=now,
        owed_by_person=True,
        owed_by=context.by,
        number=number,
        contact_id=contact.id,
        sold_on=checked.dates.sold_on,
        due_on=checked.dates.due_on,
        reference=checked.reference,
        currency=terms.currency,
        url=f"{context.sales_url}/{sale_id}",
        total=checked.total,
        tax=sum((line.tax for line in lines), ZERO),
        amount_due=checked.total,
        status=SaleStatus.OPEN,
        created_at=now,
        created_by=context.by,
        lines=lines,
    )


def _line(business_id: UUID, position: int, line: ParsedLine, terms: SaleTerms) -> SaleLine:
    return SaleLine(
        business_id=business_id,
        id=new_id(),
        position=position,
        description=line.description,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line.amount,
        tax=line.tax(terms.tax_rate),
        account_code=terms.account_code,
        tax_type=terms.tax_type,
        tax_rate=terms.tax_rate,
    )


def _record(session: Session, contact: Contact, sale: Sale, *, by: str, now: datetime) -> None:
    over = f" Over the limit: {sale.over_limit_reason}" if sale.over_limit_reason else ""
    words, kind = f"{sale.number}, {sale.currency} {sale.total:,.2f}.{over}", ActivityKind.SOLD
    activity.record(session, contact, kind, by=by, now=now, revision=contact.revision, note=words, sale_id=sale.id)
