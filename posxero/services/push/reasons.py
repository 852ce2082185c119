"""Xero's words about a contact in plain words, with what to do about it.

Xero gives no codes for what is wrong with a contact: its words are the only thing to go by.
"""

from collections.abc import Sequence

from posxero.domain.words import LinkState

TRY_AGAIN = "Then press Try again."
SAVE = "Change it here and save."
FIELDS = (  # what Xero's words speak of, and its name here
    ("phone", "phone number"),
    ("country", "country"),
    ("address", "address"),
    ("tax", "tax number"),
)
BROKEN = "Xero met an error of its own with this customer."
INCOMPLETE = "Xero's response left this customer out."
ANOTHER = "Xero's response was about another contact."
NO_REASON = "Xero did not take this customer and gave no reason."
GONE = {
    LinkState.ARCHIVED: "It is archived in Xero, where archived contacts cannot be changed. "
    "Restore it in Xero, then press Try again.",
    LinkState.MERGED: "It was merged into another contact in Xero. "
    "Unlink it here, and import from Xero to link it to the other one.",
    LinkState.ERASED: "Xero has erased this person's details on request. Unlink it here.",
    LinkState.MISSING: "Xero no longer has this contact. Unlink it here; link it again to add it to Xero anew.",
}


def archived(complaints: Sequence[str]) -> bool:
    """Tell whether Xero refused because the contact is archived (or merged, or erased) there."""
    return any("archived contact" in words.lower() for words in complaints)


def is_number_taken(words: str) -> bool:
    """Return whether Xero refused because it has a contact with our number already."""
    return "contact number" in words.lower() or "contactnumber" in words.lower()


def why(name: str, complaints: Sequence[str]) -> str:
    """Say why Xero refused a contact, and the cure; ends with Xero's own words."""
    words = " ".join(complaints).strip()
    if not words:
        return NO_REASON
    return f"{_plain(name, words.lower())} Xero says: “{words}”"


def _plain(name: str, words: str) -> str:
    if "already assigned to another contact" in words or "name must be unique" in words:
        return (
            f"Another contact in Xero is called {name}. Change the name here, "
            f"or rename or archive the other one in Xero. {TRY_AGAIN}"
        )
    if "account number already exists" in words or ("account number" in words and "unique" in words):
        return f"Another contact in Xero has this account number. {SAVE}"
    if "email" in words:
        return f"Xero does not accept this email address. {SAVE}"
    if "contact name" in words:
        return f"Xero does not accept this name. {SAVE}"
    for sign, label in FIELDS:
        if sign in words:
            return f"Xero does not accept this {label}. {SAVE}"
    return "Xero does not accept these details. Change them here and save."
