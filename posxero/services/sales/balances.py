"""What a customer owes on account, and up to which limit."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from posxero.db.contact import Contact
from posxero.db.sale import IS_UNPAID, Sale
from posxero.domain.money import ZERO
from posxero.services.sales.errors import OverLimit


@dataclass(frozen=True, slots=True)
class Account:
    """What a customer owes as we know it, and the limit; None without one."""

    owes: Decimal
    limit: Decimal | None

    def is_over(self, total: Decimal = ZERO) -> bool:
        """Return whether a sale of this total goes over the limit."""
        return self.limit is not None and self.owes + total > self.limit

    def check(self, total: Decimal) -> None:
        """Check that a sale stays within the limit.

        Raises:
            OverLimit: It does not.
        """
        if self.limit is not None and self.is_over(total):
            raise OverLimit(owes=self.owes, total=total, limit=self.limit)


def load_account(session: Session, contact: Contact, default_limit: Decimal | None) -> Account:
    """Load the account of a customer."""
    limit = default_limit if contact.credit_limit is None else contact.credit_limit
    return Account(owes(session, contact.business_id, contact.id), limit)


def owes(session: Session, business_id: UUID, contact_id: UUID | None = None) -> Decimal:
    """Add up what is open on the sales of a customer, or of all customers."""
    query = select(func.sum(Sale.amount_due)).where(Sale.business_id == business_id, IS_UNPAID)
    if contact_id is not None:
        query = query.where(Sale.contact_id == contact_id)
    return session.scalar(query) or ZERO
