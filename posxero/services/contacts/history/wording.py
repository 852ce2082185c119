"""What an entry of the history says, on its page and in its export."""

from typing import Final

from posxero.db.activity import Activity
from posxero.domain.enums import ActivityKind
from posxero.domain.field import Field
from posxero.domain.fields import KEYS, by_key
from posxero.domain.history_topics import DONE_IN_XERO

# What stands over the values of an entry that are no edit of ours.
HEADINGS: Final = {
    ActivityKind.SENT: "Replaced in Xero",
    ActivityKind.CHANGED_IN_XERO: "In Xero",
    ActivityKind.LINKED: "Filled in from Xero",
    ActivityKind.SENT_OURS: "Filled in from Xero",
    ActivityKind.UNLINKED: "Removed here",
}
EMPTIED: Final = "Details are no longer kept."


def actor_of(entry: Activity) -> str:
    """Return who did it: a person, Xero, or Retail POS without anyone."""
    if entry.kind in DONE_IN_XERO:
        return "Xero"
    return entry.actor or "Retail POS"


def event_of(entry: Activity) -> str:
    """Return what happened."""
    return entry.note if entry.kind is ActivityKind.VERSION_RESTORED and entry.note else entry.kind.label


def note_of(entry: Activity) -> str:
    """Return what else there is to say; "" for nothing."""
    return "" if entry.kind is ActivityKind.VERSION_RESTORED else entry.note


def changes_of(entry: Activity) -> list[tuple[Field, str, str]]:
    """Return what changed: the field, its value before and after."""
    return [(by_key(key), before, after) for key, before, after in entry.changes if key in KEYS]


def is_addition(entry: Activity) -> bool:
    """Return whether a contact was added to Xero, where it replaced nothing: none of Xero's has an empty name."""
    return entry.kind is ActivityKind.SENT and any(key == "name" and not before for key, before, _ in entry.changes)


def sent_values(entry: Activity) -> list[tuple[Field, str]]:
    """Return what Xero was sent of a contact, field by field."""
    return [(by_key(key), value) for key, value in entry.sent.items() if key in KEYS]


def emptied_note(entry: Activity) -> str:
    """Return which fields changed, and that their values are gone; "" while everything is kept."""
    if not entry.is_emptied:
        return ""
    keys = [key for key in entry.field_keys.split() if key in KEYS] if not entry.changes else []
    names = ", ".join(by_key(key).full_label for key in keys)
    return f"Changed: {names}. {EMPTIED}" if names else EMPTIED
