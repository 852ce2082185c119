"""What a customer owes on account, and up to which limit."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.db.contact import Contact, Link
from posxero.db.other_invoice import OtherInvoice
from posxero.db.sale import DUE_ON, IS_UNPAID, Sale
from posxero.db.sales_settings import SalesSettings
from posxero.domain.enums import ConnectionState
from posxero.domain.money import ZERO
from posxero.services.sales.errors import OverLimit


@dataclass(frozen=True, slots=True)
class CustomerAccount:
    """What a customer owes as we know it, and the limit; None without one.

    `elsewhere` is due on invoices of Xero that are not ours, `overdue` is what should have been paid by now of both.
    """

    owes: Decimal
    limit: Decimal | None
    elsewhere: Decimal = ZERO
    overdue: Decimal = ZERO

    @property
    def over_by(self) -> Decimal:
        """The amount by which the limit is exceeded; 0 where it is not."""
        return max(self.owes + self.elsewhere - self.limit, ZERO) if self.limit is not None else ZERO

    def is_over(self, total: Decimal = ZERO) -> bool:
        """Return whether a sale of this total goes over the limit."""
        return self.limit is not None and self.owes + self.elsewhere + total > self.limit

    def check(self, total: Decimal) -> None:
        """Check that a sale stays within the limit.

        Raises:
            OverLimit: It does not.
        """
        if self.limit is not None and self.is_over(total):
            raise OverLimit(owes=self.owes, elsewhere=self.elsewhere, total=total, limit=self.limit)


def load_account(session: Session, contact: Contact, default_limit: Decimal | None) -> CustomerAccount:
    """Load the account of a customer; one whose row is locked owes what it says until the transaction ends."""
    limit = default_limit if contact.credit_limit is None else contact.credit_limit
    return CustomerAccount(contact.owes, limit, session.scalar(_owes_elsewhere(contact)) or ZERO)


def load_account_on(session: Session, contact: Contact, today: date) -> CustomerAccount:
    """Load the account of a customer with what is overdue on a day, by Xero's due dates where they were read."""
    ours = (Sale.business_id == contact.business_id, Sale.contact_id == contact.id, IS_UNPAID, today > DUE_ON)
    overdue = select(func.sum(Sale.amount_due)).where(*ours)
    default_limit = select(SalesSettings.default_limit).where(SalesSettings.business_id == contact.business_id)
    elsewhere = _owes_elsewhere(contact)
    asked = (default_limit, overdue, elsewhere, elsewhere.where(OtherInvoice.due_on < today))
    found = session.execute(select(*(query.scalar_subquery() for query in asked))).one()
    limit = found[0] if contact.credit_limit is None else contact.credit_limit
    return CustomerAccount(contact.owes, limit, found[2] or ZERO, (found[1] or ZERO) + (found[3] or ZERO))


def _owes_elsewhere(contact: Contact) -> Select[Decimal]:
    """Select what is due on invoices of Xero that no sale made, of the organisation that is connected.

    Those of contacts of Xero whose customers were merged into this one are among them.
    """
    linked = and_(
        Link.business_id == OtherInvoice.business_id,
        Link.tenant_id == OtherInvoice.tenant_id,
        Link.xero_id == OtherInvoice.xero_contact_id,
    )
    connected = exists().where(
        Connection.business_id == Link.business_id,
        Connection.tenant_id == Link.tenant_id,
        Connection.state != ConnectionState.ENDED,
    )
    merged = select(Contact.id).where(Contact.business_id == contact.business_id, Contact.merged_into == contact.id)
    is_of_contact = or_(Link.contact_id == contact.id, Link.contact_id.in_(merged) if contact.merged_count else false())
    query = select(func.sum(OtherInvoice.amount_due)).join(Link, linked)
    return query.where(Link.business_id == contact.business_id, is_of_contact, connected)


def owes(session: Session, business_id: UUID, contact_id: UUID | None = None) -> Decimal:
    """Add up what is open on the sales of a customer, or of all customers."""
    query = select(func.sum(Sale.amount_due)).where(Sale.business_id == business_id, IS_UNPAID)
    if contact_id is not None:
        query = query.where(Sale.contact_id == contact_id)
    return session.scalar(query) or ZERO
