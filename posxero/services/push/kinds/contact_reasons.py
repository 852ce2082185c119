"""Xero's words about a contact in plain words, with what to do about it.

Xero gives no codes for what is wrong with a contact: its words are the only thing to go by.
"""

from collections.abc import Sequence
from typing import Final

from posxero.domain import gone
from posxero.domain.refusals import Refusal, RefusalKind

TRY_AGAIN = "Then press Try again."
SAVE = "Change it here and save."
SAVE_THEM = "Change them here and save."
QUOTE = " Xero says: “", "”"  # around Xero's own words, at the end of a reason
# What Xero's words speak of, without spaces, the kind of refusal, and the name of the detail here; the first that fits.
DETAILS: Final = (
    ("email", RefusalKind.EMAIL, "email address"),
    ("contactname", RefusalKind.NAME, "name"),
    ("firstname", RefusalKind.FIRST_NAME, "first name"),
    ("lastname", RefusalKind.LAST_NAME, "last name"),
    ("phone", RefusalKind.PHONE, "phone number"),
    ("country", RefusalKind.COUNTRY, "country"),
    ("postalcode", RefusalKind.POSTCODE, "postcode"),
    ("address", RefusalKind.ADDRESS, "address"),
    ("tax", RefusalKind.TAX_NUMBER, "tax number"),
    ("companynumber", RefusalKind.COMPANY_NUMBER, "company number"),
    ("accountnumber", RefusalKind.ACCOUNT_NUMBER, "account number"),
    ("thecity", RefusalKind.CITY, "city"),
    ("theregion", RefusalKind.REGION, "region"),
)
NAME_TAKEN = "Another contact in Xero is called "
ACCOUNT_NUMBER_TAKEN = "Another contact in Xero has this account number."
EMAIL_NEEDED = "Xero needs an email address for this contact, because it has additional people there."
FIELD_REFUSED = "Xero does not accept this "
BROKEN = "Xero had an internal error saving this contact."
INCOMPLETE = "Xero's response didn't include this contact."
ANOTHER = "Xero's response was about another contact."
NO_REASON = "Xero rejected this contact and gave no reason."
TAKEN = (
    "Xero already has this contact under our number, but that one is linked to somebody else here. "
    "Unlink the other one, then press Try again."
)
UNARCHIVE = "un-archived"
ARCHIVED = ("archived contact", UNARCHIVE)
NUMBER_IS_TAKEN = "Another contact in Xero has this contact number already."
NUMBER_TAKEN = (
    f"{NUMBER_IS_TAKEN} Retail POS sets that number, so it can't be changed. "
    "Link to that contact; if it is archived, restore it in Xero first."
)
CHOOSE = "Choose which of Xero's contacts this customer is, or add a new one."
SEVERAL = f"Xero has {{count}} contacts with this name and email. {CHOOSE}"
LINKED_ELSEWHERE = (
    f"The contact in Xero with this name and email is linked to {{name}} here. Charge that customer instead. {CHOOSE}"
)


def archived(complaints: Sequence[str]) -> bool:
    """Return whether Xero refused because the contact is archived (or merged, or erased) there.

    Of an edit it says “matched an archived contact”, of an invoice “must be un-archived before creating new invoices”.
    """
    return any(sign in words.lower() for words in complaints for sign in ARCHIVED)


def is_number_taken(words: str) -> bool:
    """Return whether Xero refused because it has a contact with our number already."""
    lower = words.lower().replace("contactnumber", "contact number")
    return "contact number" in lower and any(sign in lower for sign in ("another contact has", "already exists"))


def why(name: str, complaints: Sequence[str]) -> Refusal:
    """Say why Xero refused a contact, and the cure; ends with Xero's own words."""
    words = " ".join(complaints).strip()
    if not words:
        return Refusal(NO_REASON)
    plain, kind = _plain(name, words.lower())
    return Refusal(f"{plain}{QUOTE[0]}{words}{QUOTE[1]}", kind)


def split(reason: str) -> tuple[str, str]:
    """Return what a reason says in plain words, and Xero's own words ("" where it quotes none)."""
    plain, _, words = reason.partition(QUOTE[0])
    return plain, words.removesuffix(QUOTE[1])


def field_message(kind: RefusalKind) -> str:
    """Return what to say beside the field that was refused; "" for a kind that is about no field."""
    if kind is RefusalKind.NAME_TAKEN:
        return "Another contact in Xero has this name"
    if kind is RefusalKind.ACCOUNT_NUMBER_TAKEN:
        return ACCOUNT_NUMBER_TAKEN.removesuffix(".")
    if kind is RefusalKind.EMAIL_NEEDED:
        return "Xero needs an email address for this contact"
    return next((f"{FIELD_REFUSED}{label}" for _, one, label in DETAILS if one is kind), "")


def _plain(name: str, words: str) -> Refusal:
    if UNARCHIVE in words:
        return Refusal(f"This contact is archived in Xero, where archived contacts get no new invoices. {gone.RESTORE}")
    if is_number_taken(words):
        return Refusal(NUMBER_TAKEN, RefusalKind.NUMBER_TAKEN)
    if "already assigned to another contact" in words or "name must be unique" in words:
        cure = "Change the name here, or rename or archive the other one in Xero."
        return Refusal(f"{NAME_TAKEN}{name}. {cure} {TRY_AGAIN}", RefusalKind.NAME_TAKEN)
    if "account number already exists" in words or ("account number" in words and "unique" in words):
        return Refusal(f"{ACCOUNT_NUMBER_TAKEN} {SAVE}", RefusalKind.ACCOUNT_NUMBER_TAKEN)
    return _refused_details(words)


def _refused_details(words: str) -> Refusal:
    if "additional people cannot be added" in words:
        return Refusal(f"{EMAIL_NEEDED} {SAVE}", RefusalKind.EMAIL_NEEDED)
    compact = words.replace(" ", "")
    for sign, kind, label in DETAILS:
        if sign in compact:
            return Refusal(f"{FIELD_REFUSED}{label}. {SAVE}", kind)
    return Refusal(f"Xero does not accept these details. {SAVE_THEM}", RefusalKind.DETAILS)
