"""Xero's words about a contact in plain words, with what to do about it.

Xero gives no codes for what is wrong with a contact: its words are the only thing to go by.
"""

from collections.abc import Sequence

from posxero.domain import gone
from posxero.domain.fields import PHONES

TRY_AGAIN = "Then press Try again."
SAVE = "Change it here and save."
SAVE_THEM = "Change them here and save."
QUOTE = " Xero says: “", "”"  # around Xero's own words, at the end of a reason
ADDRESSES = ("street", "postal")
FIELDS = (  # what Xero's words speak of, without spaces, its name here, and the keys of the fields; the first that fits
    ("email", "email address", ("email",)),
    ("contactname", "name", ("name",)),
    ("firstname", "first name", ("first_name",)),
    ("lastname", "last name", ("last_name",)),
    ("phone", "phone number", tuple(PHONES.values())),
    ("country", "country", tuple(f"{kind}_country" for kind in ADDRESSES)),
    ("postalcode", "postcode", tuple(f"{kind}_postcode" for kind in ADDRESSES)),
    ("address", "address", tuple(f"{kind}_line{n}" for kind in ADDRESSES for n in range(1, 5))),
    ("tax", "tax number", ("tax_number",)),
    ("companynumber", "company number", ("company_number",)),
    ("accountnumber", "account number", ("account_number",)),
    ("thecity", "city", tuple(f"{kind}_city" for kind in ADDRESSES)),
    ("theregion", "region", tuple(f"{kind}_region" for kind in ADDRESSES)),
)
NAME_TAKEN = "Another contact in Xero is called "
ACCOUNT_NUMBER_TAKEN = "Another contact in Xero has this account number."
EMAIL_NEEDED = "Xero needs an email address for this contact, because it lists more people under it."
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
GONE = gone.REASONS


def archived(complaints: Sequence[str]) -> bool:
    """Return whether Xero refused because the contact is archived (or merged, or erased) there.

    Of an edit it says “matched an archived contact”, of an invoice “must be un-archived before creating new invoices”.
    """
    return any(sign in words.lower() for words in complaints for sign in ARCHIVED)


def is_number_taken(words: str) -> bool:
    """Return whether Xero refused because it has a contact with our number already."""
    lower = words.lower().replace("contactnumber", "contact number")
    return "contact number" in lower and any(sign in lower for sign in ("another contact has", "already exists"))


def is_found_by_number(plain: str) -> bool:
    """Return whether a reason is that another contact in Xero has our number, by which it is found."""
    return plain == TAKEN or plain.startswith(NUMBER_IS_TAKEN)


def why(name: str, complaints: Sequence[str]) -> str:
    """Say why Xero refused a contact, and the cure; ends with Xero's own words."""
    words = " ".join(complaints).strip()
    if not words:
        return NO_REASON
    return f"{_plain(name, words.lower())}{QUOTE[0]}{words}{QUOTE[1]}"


def split(reason: str) -> tuple[str, str]:
    """Return what a reason says in plain words, and Xero's own words ("" where it quotes none)."""
    plain, _, words = reason.partition(QUOTE[0])
    return plain, words.removesuffix(QUOTE[1])


def is_cured_by_saving(plain: str) -> bool:
    """Return whether a reason asks for other details here: another try with the same ones would be refused again."""
    return plain.endswith((SAVE, SAVE_THEM))


def asks_which(plain: str) -> bool:
    """Return whether a reason asks which contact of Xero the customer is."""
    return plain.endswith(CHOOSE)


def is_name_taken(plain: str) -> bool:
    """Return whether a reason is that another contact in Xero has the name."""
    return plain.startswith(NAME_TAKEN)


def refused_fields(plain: str) -> tuple[Sequence[str], str]:
    """Return the keys of the fields that a reason is about, one of which is wrong, and what to say beside it."""
    if is_name_taken(plain):
        return ("name",), "Another contact in Xero has this name"
    if plain.startswith(ACCOUNT_NUMBER_TAKEN):
        return ("account_number",), "Another contact in Xero has this account number"
    if plain.startswith(EMAIL_NEEDED):
        return ("email",), "Xero needs an email address for this contact"
    for _, label, keys in FIELDS:
        if plain.startswith(f"{FIELD_REFUSED}{label}."):
            return keys, f"{FIELD_REFUSED}{label}"
    return (), ""


def _plain(name: str, words: str) -> str:
    if UNARCHIVE in words:
        return f"This contact is archived in Xero, where archived contacts get no new invoices. {gone.RESTORE}"
    if is_number_taken(words):
        return NUMBER_TAKEN
    if "already assigned to another contact" in words or "name must be unique" in words:
        return f"{NAME_TAKEN}{name}. Change the name here, or rename or archive the other one in Xero. {TRY_AGAIN}"
    if "account number already exists" in words or ("account number" in words and "unique" in words):
        return f"{ACCOUNT_NUMBER_TAKEN} {SAVE}"
    return _refused_details(words)


def _refused_details(words: str) -> str:
    if "additional people cannot be added" in words:
        return f"{EMAIL_NEEDED} {SAVE}"
    compact = words.replace(" ", "")
    for sign, label, _ in FIELDS:
        if sign in compact:
            return f"{FIELD_REFUSED}{label}. {SAVE}"
    return f"Xero does not accept these details. {SAVE_THEM}"
