"""The field map in words: when a push sends a field, and what its value must meet."""

from typing import Final

from posxero.domain.field import Field, Send
from posxero.domain.field_rules import BIRTHDAY_MIN
from posxero.domain.phone_numbers import DIGITS_MAX

SENT: Final = {
    Send.ALWAYS: "With every change of the contact",
    Send.IF_EDITED: "Once it was changed here: Xero may show only its last characters",
    Send.NEVER: "Never: it stays in Retail POS",
}
PHONE: Final = (
    f"At most {DIGITS_MAX} digits. A changed number goes into Xero's Number whole, and its Area and Country are emptied"
)
RULES: Final = {  # by the name of the field's kind
    "text": "",
    "email": "An email address, in plain letters, without accents",
    "phone": PHONE,
    "fax": PHONE,
    "country": "Letters, spaces and . ' & ( ) -",
    "masked": "",
    "notes": "",
    "date": "A real date",
    "flag": "Yes or No",
    "group": "The name of a group in Settings",
    "tags": "Names of tags in Settings, with commas between them",
}
OWN_RULES: Final = {  # of single fields, by key
    "name": "Never empty, without < or >. The company, or the person's full name",
    "birthday": f"A real date since {BIRTHDAY_MIN.year}, not in the future",
    "customer_code": "No two contacts have the same one",
}


def sent_in_words(field: Field) -> str:
    """Return when a push sends a field."""
    return SENT[field.send]


def rule_in_words(field: Field) -> str:
    """Return what a changed value must meet; "" where any text will do."""
    return OWN_RULES.get(field.key) or RULES[field.kind.name]
