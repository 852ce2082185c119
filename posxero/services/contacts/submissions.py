"""What is submitted to save a contact, and what the save comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from posxero.db.contact import Contact
from posxero.domain.diff import Difference
from posxero.domain.enums import ActivityKind
from posxero.domain.kinds import ContactKind
from posxero.services.contacts.conflicts import Choices, Keep
from posxero.services.contacts.drafts import DraftPlace
from posxero.services.contacts.emptied_fields import EmptyFields


@dataclass(frozen=True, kw_only=True)
class ContactSubmission:
    """A submitted form: the fields as typed, and what came with them.

    A field that is missing stays as it is, and is empty for a new contact. `idempotency_key` makes a
    second press answer the first's result; `seen` is the version that the form was opened with;
    `confirmed` says that it is meant although another contact is like it; `choices` are what
    was kept where somebody else had saved the same fields; `empty_fields` is what to do about
    fields that are empty here and filled in Xero; `draft` is where the person's draft of this
    form is, which goes with the save; `kind` is whose form it is, for the words of what is wrong;
    `event` is what the history calls the save, and `note` what it says besides the changes.
    """

    values: Mapping[str, str]
    idempotency_key: str = ""
    seen: int = 0
    confirmed: bool = False
    choices: Choices = field(default_factory=Choices)
    empty_fields: EmptyFields = EmptyFields.ASK
    draft: DraftPlace | None = None
    kind: ContactKind = ContactKind.CUSTOMER
    event: ActivityKind = ActivityKind.EDITED
    note: str = ""

    @property
    def kept(self) -> dict[str, str]:
        """The fields as typed, without those that were given up for what is saved."""
        return {key: value for key, value in self.values.items() if self.choices.keep.get(key) is not Keep.SAVED}


@dataclass(frozen=True)
class SaveResult:
    """What a save came to: the contact, whether anything changed, and whether Xero must hear of it.

    `replaced` are the values that differed in Xero before the save, and which it replaces there.
    """

    contact: Contact
    changed: bool
    owed: bool
    replaced: Sequence[Difference] = ()
