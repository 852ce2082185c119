"""The running number of a business's sales. Never reused: gaps are allowed, repetitions are not."""

from typing import Final
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from posxero.db.sale import Sale
from posxero.db.sales_settings import SalesSettings

MIN_DIGITS: Final = 4  # "INV-0042"


def format_number(prefix: str, number: int) -> str:
    """Return the number of a sale as it stands on its invoice."""
    return f"{prefix}{number:0{MIN_DIGITS}}"


def take_number(session: Session, business_id: UUID) -> str:
    """Take the next number that no sale has; the caller commits.

    The row of the settings is locked until then, so that of several processes each gets another number.

    Raises:
        NoResultFound: The business has no settings of sales.
    """
    while True:
        taken = session.execute(
            update(SalesSettings)
            .where(SalesSettings.business_id == business_id)
            .values(next_number=SalesSettings.next_number + 1)
            .returning(SalesSettings.number_prefix, SalesSettings.next_number)
            .execution_options(synchronize_session=False)
        ).one()
        number = format_number(taken.number_prefix, taken.next_number - 1)
        if not session.scalar(select(exists().where(Sale.business_id == business_id, Sale.number == number))):
            return number
