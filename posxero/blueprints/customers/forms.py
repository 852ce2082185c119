"""The form of a contact: what it shows, what was typed, and what is wrong with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import ClassVar, Self
from uuid import UUID

from flask import url_for

from posxero.blueprints.customers.contact_kind import contact_kind
from posxero.db.contact import Contact
from posxero.domain.diff import Difference
from posxero.domain.field import Field, Group
from posxero.domain.fields import DAILY, FIELDS, KEYS, POSTAL_KEY_BY_STREET_KEY, by_key
from posxero.domain.kinds import ContactKind
from posxero.domain.normalise import with_postal_address
from posxero.services.contacts import contacts
from posxero.services.contacts.conflicts import Choices, Keep
from posxero.services.contacts.duplicates import near
from posxero.services.contacts.duplicates.known import PossibleDuplicate
from posxero.services.contacts.duplicates.near import ContactOfXero
from posxero.services.contacts.emptied_fields import EmptyFields, WouldEmpty
from posxero.services.contacts.rules import DuplicateContact, InvalidContact
from posxero.services.contacts.submissions import ContactSubmission
from posxero.web.contact_form import draft_place
from posxero.web.htmx import request
from posxero.web.idempotency import submitted_idempotency_key
from posxero.web.numbers import parse_int

NAMES = tuple(by_key(key) for key in ("first_name", "last_name"))  # on a new contact's form they may stand for its name
Block = tuple[Group | None, tuple[Field, ...]]  # the group whose name stands over it, and its fields


@dataclass(frozen=True)
class Layout:
    """The form from top to bottom: what is edited daily, and what is folded away until it holds something."""

    daily: tuple[Block, ...]
    more: tuple[Block, ...]
    postal: ClassVar = Group.POSTAL  # the group that may be the same as the street address

    @classmethod
    def of(cls, daily: Sequence[Field]) -> Self:
        """Fold away every field of the field map that is not edited daily."""
        return cls(_blocks(daily), _blocks([one for one in FIELDS if one not in daily]))

    def is_open(self, values: Mapping[str, str], errors: Mapping[str, str]) -> bool:
        """Return whether something of what is folded away holds a value or has an error."""
        return any(values[one.key] or one.key in errors for _, fields in self.more for one in fields)

    @staticmethod
    def is_postal_same(values: Mapping[str, str]) -> bool:
        """Return whether there is a postal address, and it is the street address."""
        pairs = [(values[street], values[postal]) for street, postal in POSTAL_KEY_BY_STREET_KEY.items()]
        return any(postal for _, postal in pairs) and all(street == postal for street, postal in pairs)


def _blocks(fields: Iterable[Field]) -> tuple[Block, ...]:
    runs = groupby(fields, lambda one: one.group if one.group.has_heading else None)
    return tuple((heading, tuple(run)) for heading, run in runs)


GROUPS = Layout.of(DAILY)
NEW_GROUPS = Layout.of((DAILY[0], *NAMES, *DAILY[1:]))


@dataclass(frozen=True)
class DuplicateHint:
    """A contact that the one of the form may be: its page, what both share, and what it is."""

    name: str
    url: str
    same: str  # "the same email and mobile"
    note: str  # "a supplier, archived"

    @classmethod
    def of(cls, known: PossibleDuplicate, kind: ContactKind) -> Self:
        """Put it into words for the page of a kind of contact."""
        is_similar = near.SIMILAR in known.same
        words = "a similar name" if is_similar else f"the same {' and '.join(map(_label, known.same))}"
        here = known.is_supplier if kind is ContactKind.SUPPLIER else known.is_customer
        notes = ["" if here else f"a {kind.other.one}", "archived" if known.is_archived else ""]
        return cls(known.name, url_for(".show", contact_id=known.id), words, ", ".join(filter(None, notes)))


def _label(key: str) -> str:
    return by_key(key).label.lower()


@dataclass(frozen=True)
class FieldProblems:
    """Why a form was refused: a sentence by field key, and the contacts that it may be a duplicate of.

    `is_saved`: the form shows what is saved, which Xero refused; nothing was typed yet.
    """

    errors: Mapping[str, str] = field(default_factory=dict)
    twins: Sequence[DuplicateHint] = ()
    in_xero: Sequence[ContactOfXero] = ()  # contacts of Xero that it may be
    emptied: Sequence[Difference] = ()  # what a save would empty in Xero, unasked
    is_saved: bool = False

    @classmethod
    def of(cls, refusal: Exception | None, kind: ContactKind) -> Self:
        """Read a refusal; None is no problem."""
        if isinstance(refusal, InvalidContact):
            return cls(refusal.errors)
        if isinstance(refusal, DuplicateContact):
            twins = [DuplicateHint.of(known, kind) for known in refusal.known]
            return cls(twins=twins, in_xero=refusal.in_xero)
        if isinstance(refusal, WouldEmpty):
            return cls(emptied=refusal.fields)
        return cls()

    def __bool__(self) -> bool:
        """Return whether something is wrong."""
        return bool(self.errors or self.twins or self.in_xero or self.emptied)


def empty() -> dict[str, str]:
    """Return the values of an empty form."""
    return dict.fromkeys(KEYS, "")


def of(contact: Contact) -> dict[str, str]:
    """Return a contact's values as its form shows them."""
    return display_values(contacts.values_of(contact))


def display_values(values: Mapping[str, str]) -> dict[str, str]:
    """Return values as the form shows them: a box of one line has no line breaks."""
    return {
        one.key: values[one.key] if one.kind.is_multiline else " ".join(values[one.key].splitlines()) for one in FIELDS
    }


def submitted(contact_id: UUID | None = None) -> ContactSubmission:
    """Read the request's form, of a new contact where `contact_id` is None; keys that are no fields are left out."""
    form = request.form
    typed = with_postal_address(form)
    return ContactSubmission(
        values={key: typed[key] for key in KEYS if key in typed},
        idempotency_key=submitted_idempotency_key(),
        seen=parse_int(form.get("version"), 0),
        confirmed=form.get("confirm_duplicate") == "1" or "link_to" in form,
        empty_fields=chosen_for_empty_fields(),
        choices=Choices(parse_int(form.get("over"), 0), _kept(form)),
        draft=draft_place(contact_kind(), contact_id),
        kind=contact_kind(),
    )


def _kept(form: Mapping[str, str]) -> dict[str, Keep]:
    """Read what was chosen where two people changed the same field."""
    sides = {side.value: side for side in Keep}
    return {key: sides[side] for key in KEYS if (side := form.get(f"keep_{key}", "")) in sides}


def chosen_for_empty_fields() -> EmptyFields:
    """Read what the person chose about fields that are empty here and filled in Xero."""
    chosen = request.form.get("empty_fields", "")
    return EmptyFields(chosen) if chosen in set(EmptyFields) else EmptyFields.ASK
