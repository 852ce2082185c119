"""What two customers have in the same fields, and whose value the merged customer gets."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Self

from posxero.db.contact import Contact
from posxero.domain.columns import values_of
from posxero.domain.diff import changes
from posxero.domain.field import Field
from posxero.domain.field_kinds import FLAG
from posxero.domain.fields import FIELDS

PERSON: Final = "First and last name"  # of the unit of both fields

Changes = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """Fields that are chosen together: an address, a person, or one field alone.

    Attributes:
        fields: Which.
        ours: The values of the survivor, by key.
        theirs: The values of the other one, by key.
    """

    fields: tuple[Field, ...]
    ours: Mapping[str, str]
    theirs: Mapping[str, str]

    @property
    def key(self) -> str:
        """Its name in the form: the key of its first field."""
        return self.fields[0].key

    @property
    def label(self) -> str:
        """What is chosen."""
        first = self.fields[0]
        if len(self.fields) == 1:
            return first.full_label
        return first.group if first.group.is_address else PERSON

    @property
    def changes(self) -> Changes:
        """What the survivor's fields become when the other one's values are taken."""
        return changes(self.ours, self.theirs)

    @property
    def is_asked(self) -> bool:
        """Whether a person chooses: both have a value, or a yes stands against a no."""
        return self.fields[0].kind is FLAG or (any(self.ours.values()) and any(self.theirs.values()))

    @property
    def is_taken(self) -> bool:
        """Whether only the other one has a value, which is taken over."""
        return not self.is_asked and any(self.theirs.values())


@dataclass(frozen=True, slots=True)
class Comparison:
    """The fields in which two customers differ: what is asked, and what is taken over because only one has it."""

    asked: tuple[FieldChoice, ...]
    taken: tuple[FieldChoice, ...]

    @classmethod
    def of(cls, survivor: Contact, loser: Contact) -> Self:
        """Compare two customers."""
        ours, theirs = values_of(survivor), values_of(loser)
        units = dict[str, tuple[Field, ...]]()
        for field in FIELDS:
            units[field.unit or field.key] = (*units.get(field.unit or field.key, ()), field)
        choices = [_choice(fields, ours, theirs) for fields in units.values()]
        differing = [one for one in choices if one.changes]
        return cls(tuple(one for one in differing if one.is_asked), tuple(one for one in differing if one.is_taken))

    def changes(self, chosen: Collection[str]) -> dict[str, tuple[str, str]]:
        """Return what a merge changes of the survivor, by field key.

        Args:
            chosen: The keys of the choices for which the other one's values are taken.
        """
        used = [*self.taken, *(one for one in self.asked if one.key in chosen)]
        found = {key: change for one in used for key, change in one.changes.items()}
        return {field.key: found[field.key] for field in FIELDS if field.key in found}


def _choice(fields: tuple[Field, ...], ours: Mapping[str, str], theirs: Mapping[str, str]) -> FieldChoice:
    keys = [field.key for field in fields]
    return FieldChoice(fields, {key: ours[key] for key in keys}, {key: theirs[key] for key in keys})
