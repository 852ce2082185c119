"""Xero's words about an invoice in plain words, with what to do about it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from posxero.services.push.kinds.contact_reasons import QUOTE, TRY_AGAIN, UNARCHIVE

SETTINGS: Final = "in Settings → Sales"
BROKEN: Final = "Xero had an internal error saving this invoice."
INCOMPLETE: Final = "Xero's response didn't include this invoice."
ANOTHER: Final = "Xero's response was about another invoice."
NO_REASON: Final = "Xero rejected this sale and gave no reason."
TAKEN: Final = "Xero has this invoice, and another sale here is linked to it. Void one of the two."
RENUMBERED: Final = "Xero has another invoice with this number, so the next number is used."
NUMBER_TAKEN: Final = "must be unique"
HAS_MONEY: Final = (
    "Money was paid on this invoice in Xero or credited, so Xero can't void it. Credit it in Xero: open the invoice "
    "there and choose Add Credit Note."
)
GONE: Final = "Xero no longer has this invoice. Void this sale, and charge it again."
LOCKED: Final = "The books in Xero are locked for this date."
LATER_DATE: Final = "Void this sale and charge it with a later date, or have the period unlocked in Xero."
WRONG_CURRENCY: Final = (
    "If the currency is wrong, void this sale, correct the currency in Settings → Business, and charge it again."
)
PLAIN: Final = (  # signs in Xero's words, lower case: all of one entry; and what they mean
    (
        ("payments or credit notes",),
        HAS_MONEY,
    ),
    (
        ("payment or credit note",),
        HAS_MONEY,
    ),
    (
        (UNARCHIVE,),
        f"The customer is archived in Xero, where archived contacts get no invoices. Restore it in Xero. {TRY_AGAIN}",
    ),
    (
        ("lock date",),
        f"{LOCKED} {LATER_DATE} {TRY_AGAIN}",
    ),
    (
        ("taxtype", "does not exist"),
        f"The tax rate of this sale can't be used in Xero any more. Choose another one {SETTINGS}. {TRY_AGAIN}",
    ),
    (
        ("tax", "cannot be used with account"),
        f"Xero doesn't accept this tax rate for the income account. Choose another one {SETTINGS}. {TRY_AGAIN}",
    ),
    (
        ("account", "archived"),
        f"The income account of this sale is archived in Xero. Choose another one {SETTINGS}. {TRY_AGAIN}",
    ),
    (
        ("account code",),
        f"Xero doesn't accept the account of this sale for income. Choose another one {SETTINGS}. {TRY_AGAIN}",
    ),
    (
        ("currency",),
        f"Your Xero organisation doesn't use the currency of this sale. Add it in Xero. {TRY_AGAIN} {WRONG_CURRENCY}",
    ),
    (
        ("not of valid status",),
        f"The invoice was changed in Xero, so that this can't be done there any more. Check it in Xero. {TRY_AGAIN}",
    ),
)


def explain(number: str, complaints: Sequence[str]) -> str:
    """Say why Xero refused an invoice, and the cure; ends with Xero's own words."""
    words = " ".join(complaints).strip()
    return f"{_plain(number, words.lower())}{QUOTE[0]}{words}{QUOTE[1]}" if words else NO_REASON


def is_number_taken(words: str) -> bool:
    """Return whether Xero refused because it has an invoice with this number."""
    return NUMBER_TAKEN in words.lower()


def is_cured_in_settings(reason: str) -> bool:
    """Return whether a reason asks for another choice in Settings → Sales."""
    return SETTINGS in reason.partition(QUOTE[0])[0]


def is_about_organisation(reason: str) -> bool:
    """Return whether Xero refused what its organisation allowed when it was read last: it has changed since."""
    return is_cured_in_settings(reason) or reason.startswith(LOCKED)


def not_ours(number: str, *, total: Decimal | None, is_same_contact: bool) -> str:
    """Say why an invoice that carries this sale's address is not taken for it."""
    found = f"with another total, {total:,.2f}" if is_same_contact and total is not None else "for another contact"
    return (
        f"Xero has an invoice {number} of this sale, but {found}. Nothing was sent. Correct or void that invoice "
        f"in Xero, or void this sale. {TRY_AGAIN}"
    )


def _plain(number: str, words: str) -> str:
    if is_number_taken(words):
        return (
            f"Xero has other invoices with the number {number} and the ones before it. Choose another number prefix or "
            f"next number {SETTINGS}. {TRY_AGAIN}"
        )
    for signs, meaning in PLAIN:
        if all(sign in words for sign in signs):
            return meaning
    return f"Xero does not accept this sale. Put right what Xero says, or void this sale. {TRY_AGAIN}"
