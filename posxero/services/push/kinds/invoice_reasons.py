"""Xero's words about an invoice in plain words, with what to do about it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from posxero.domain.refusals import Refusal, RefusalKind
from posxero.services.push.kinds.contact_reasons import QUOTE, TRY_AGAIN, UNARCHIVE

SETTINGS: Final = "in Settings → Sales"
BROKEN: Final = "Xero had an internal error saving this invoice."
INCOMPLETE: Final = "Xero's response didn't include this invoice."
ANOTHER: Final = "Xero's response was about another invoice."
NO_REASON: Final = "Xero rejected this sale and gave no reason."
TAKEN: Final = "Xero has this invoice, and another sale here is linked to it. Void one of the two."
RENUMBERED: Final = "Xero has another invoice with this number, so the next number is used."
NUMBER_TAKEN: Final = "must be unique"  # in Xero's words
HAS_MONEY: Final = (
    "This invoice has a payment or a credit in Xero, so Xero can't void it. Remove that in Xero, or credit the rest "
    f"there with Add Credit Note. {TRY_AGAIN}"
)
MISSING: Final = "Xero no longer has this invoice. Void this sale, and charge it again."
LOCKED: Final = "The books in Xero are locked for this date."
LATER_DATE: Final = "Void this sale and charge it with a later date, or have the period unlocked in Xero."
WRONG_CURRENCY: Final = (
    "If the currency is wrong, void this sale, correct the currency in Settings → Business, and charge it again."
)
# Signs in Xero's words, lower case, all of one entry; what they mean; and the kind of refusal.
PLAIN: Final[tuple[tuple[tuple[str, ...], str, RefusalKind], ...]] = (
    (
        ("payments or credit notes",),
        HAS_MONEY,
        RefusalKind.OTHER,
    ),
    (
        ("payment or credit note",),
        HAS_MONEY,
        RefusalKind.OTHER,
    ),
    (
        (UNARCHIVE,),
        f"The customer is archived in Xero, where archived contacts get no invoices. Restore it in Xero. {TRY_AGAIN}",
        RefusalKind.OTHER,
    ),
    (
        ("lock date",),
        f"{LOCKED} {LATER_DATE} {TRY_AGAIN}",
        RefusalKind.LOCKED,
    ),
    (
        ("taxtype", "does not exist"),
        f"The tax rate of this sale can't be used in Xero any more. Choose another one {SETTINGS}. {TRY_AGAIN}",
        RefusalKind.SALES_SETTINGS,
    ),
    (
        ("tax", "cannot be used with account"),
        f"Xero doesn't accept this tax rate for the income account. Choose another one {SETTINGS}. {TRY_AGAIN}",
        RefusalKind.SALES_SETTINGS,
    ),
    (
        ("account", "archived"),
        f"The income account of this sale is archived in Xero. Choose another one {SETTINGS}. {TRY_AGAIN}",
        RefusalKind.SALES_SETTINGS,
    ),
    (
        ("account code",),
        f"Xero doesn't accept the account of this sale for income. Choose another one {SETTINGS}. {TRY_AGAIN}",
        RefusalKind.SALES_SETTINGS,
    ),
    (
        ("currency",),
        f"Your Xero organisation doesn't use the currency of this sale. Add it in Xero. {TRY_AGAIN} {WRONG_CURRENCY}",
        RefusalKind.OTHER,
    ),
    (
        ("not of valid status",),
        f"The invoice was changed in Xero, so that this can't be done there any more. Check it in Xero. {TRY_AGAIN}",
        RefusalKind.OTHER,
    ),
)


def explain(number: str, complaints: Sequence[str]) -> Refusal:
    """Say why Xero refused an invoice, and the cure; ends with Xero's own words."""
    words = " ".join(complaints).strip()
    if not words:
        return Refusal(NO_REASON)
    plain, kind = _plain(number, words.lower())
    return Refusal(f"{plain}{QUOTE[0]}{words}{QUOTE[1]}", kind)


def not_ours(number: str, *, total: Decimal | None, is_same_contact: bool) -> str:
    """Say why an invoice that carries this sale's address is not taken for it."""
    found = f"with another total, {total:,.2f}" if is_same_contact and total is not None else "for another contact"
    return (
        f"Xero has an invoice {number} of this sale, but {found}. Nothing was sent. Correct or void that invoice "
        f"in Xero{', or void this sale' if is_same_contact else ''}. {TRY_AGAIN}"
    )


def _plain(number: str, words: str) -> Refusal:
    if NUMBER_TAKEN in words:
        return Refusal(
            f"Xero has other invoices with the number {number} and the ones before it. Choose another number prefix or "
            f"next number {SETTINGS}. {TRY_AGAIN}",
            RefusalKind.NUMBER_TAKEN,
        )
    for signs, meaning, kind in PLAIN:
        if all(sign in words for sign in signs):
            return Refusal(meaning, kind)
    return Refusal(f"Xero does not accept this sale. Put right what Xero says, or void this sale. {TRY_AGAIN}")
