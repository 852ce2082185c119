"""Why a sale is not made.

InvalidSale       a field is wrong; says which
MissingSettings   something must be chosen in the settings first
OverLimit         the customer would owe more than the limit
CannotCharge      nothing can be sold to the customer
ArchivedCustomer  the customer is archived here
AlreadyCharged    the form was sent before, with something else in it
CannotVoid        money was paid on the sale, or credited
"""

from decimal import Decimal
from enum import StrEnum

from posxero.services.errors import Invalid


class InvalidSale(Invalid):
    """What was typed is no sale."""


class InvalidSalesSettings(Invalid):
    """What was chosen in Settings → Sales cannot be saved."""


class SettingsPage(StrEnum):
    """The page of the settings on which something is missing."""

    XERO = "xero"
    BUSINESS = "business"
    SALES = "sales"


class MissingSettings(Exception):
    """Nothing can be sold on account yet; the message says what is missing, `page` where to choose it."""

    def __init__(self, message: str, page: SettingsPage) -> None:
        super().__init__(message)
        self.page = page


class OverLimit(Exception):
    """The customer would owe more than the limit; `elsewhere` is due on invoices of Xero that are not ours."""

    def __init__(self, *, owes: Decimal, total: Decimal, limit: Decimal, elsewhere: Decimal) -> None:
        super().__init__(f"{owes} + {elsewhere} + {total} > {limit}")
        self.owes, self.elsewhere, self.total, self.limit = owes, elsewhere, total, limit


class CannotCharge(Exception):
    """Nothing can be sold to this customer; the message says why."""


class ArchivedCustomer(CannotCharge):
    """The customer is archived here."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is archived here. Restore the customer first, then charge the sale.")


class AlreadyCharged(CannotCharge):
    """The form made a sale of something else: a browser showed it again after that."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"You charged this form already, as sale {number}, with other details. Nothing more was charged. "
            "To charge this as another sale, press Charge to account again."
        )


class CannotVoid(Exception):
    """The sale cannot be voided any more; the message says what to do instead."""
