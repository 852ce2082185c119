"""The form of a contact: what it shows, what was typed, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from flask import url_for

from posxero.db.contact import Contact
from posxero.domain.diff import Difference
from posxero.domain.fields import FIELDS, KEYS, groups
from posxero.domain.kinds import Kind
from posxero.services import contacts
from posxero.services.contact_rules import DuplicateContact, InvalidContact
from posxero.services.contacts import Submission
from posxero.services.emptying import EmptyFields, WouldEmpty
from posxero.web.htmx import request
from posxero.web.numbers import whole
from posxero.web.once import sent_token

GROUPS = groups()


@dataclass(frozen=True)
class Problems:
    """Why a form was refused: a sentence by field key, and the contact that it may be a duplicate of."""

    errors: Mapping[str, str] = field(default_factory=dict)
    twin: str = ""  # name
    twin_url: str = ""
    emptied: Sequence[Difference] = ()  # what a save would empty in Xero, unasked

    @classmethod
    def of(cls, refusal: Exception | None, kind: Kind) -> Self:
        """Read a refusal; None is no problem."""
        if isinstance(refusal, InvalidContact):
            return cls(
                {key: text.replace("customer's name", f"{kind.one}'s name") for key, text in refusal.errors.items()}
            )
        if isinstance(refusal, DuplicateContact):
            return cls(twin=refusal.name, twin_url=url_for(".show", contact_id=refusal.other))
        if isinstance(refusal, WouldEmpty):
            return cls(emptied=refusal.fields)
        return cls()

    def __bool__(self) -> bool:
        """Tell whether something is wrong."""
        return bool(self.errors or self.twin or self.emptied)


def empty() -> dict[str, str]:
    """Give the values of an empty form."""
    return dict.fromkeys(KEYS, "")


def of(contact: Contact) -> dict[str, str]:
    """Give a contact's values as its form shows them: a box of one line has no line breaks."""
    values = contacts.values_of(contact)
    return {
        one.key: values[one.key] if one.input == "textarea" else " ".join(values[one.key].splitlines())
        for one in FIELDS
    }


def submitted() -> Submission:
    """Read the request's form; keys that are no fields are left out."""
    form = request.form
    return Submission(
        values={key: form[key] for key in KEYS if key in form},
        token=sent_token(),
        seen=whole(form.get("version"), 0),
        confirmed=form.get("confirm_duplicate") == "1",
        empty_fields=chosen_for_empty_fields(),
    )


def chosen_for_empty_fields() -> EmptyFields:
    """Read what the person chose about fields that are empty here and filled in Xero."""
    chosen = request.form.get("empty_fields", "")
    return EmptyFields(chosen) if chosen in set(EmptyFields) else EmptyFields.ASK
