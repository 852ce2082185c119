"""The closed lists of the product: what the database stores and what the screen says."""

from enum import StrEnum
from typing import Final, Self


class LabelledEnum(StrEnum):
    """Members are (value, label): the database stores the value, the screen shows the label."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        """Make a member; without a label it is the value as a word."""
        member = str.__new__(cls, value)
        member._value_, member.label = value, label or value.replace("_", " ").capitalize()
        return member


class Right(StrEnum):
    """What a view may require of the person who asks for it."""

    READ = "read"  # customers, history, sync activity
    EDIT = "edit"  # add and edit customers, charge sales, Try again on one
    MANAGE = "manage"  # imports, links, merges, erasure, voided sales, credit limits, groups and tags, bulk actions
    OWN = "own"  # connect, disconnect, users, raw answers, the security log
    EXPORT = "export"  # the customers, the history of the whole business, or all that is kept of one person, as a file
    AUDIT = "audit"  # the field map, what does not update in Xero, each week's changes there, and the files of imports


class Role(LabelledEnum):
    """What a user is to the business. Rights are a set per role, not a ladder."""

    OWNER = "owner"
    MANAGER = "manager"
    STAFF = "staff"
    BOOKKEEPER = "bookkeeper"

    def may(self, right: Right) -> bool:
        """Return whether the role holds the right."""
        return right in RIGHTS[self]


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.MANAGER: frozenset({Right.READ, Right.EDIT, Right.MANAGE, Right.AUDIT}),
    Role.STAFF: frozenset({Right.READ, Right.EDIT}),
    Role.BOOKKEEPER: frozenset({Right.READ, Right.EXPORT, Right.AUDIT}),
}


def holders(right: Right) -> tuple[Role, ...]:
    """List the roles that hold a right, for the page that says who can."""
    return tuple(role for role in Role if role.may(right))


class SyncState(LabelledEnum):
    """What the badge of a contact says (`domain.states.badge`); the value is also `?sync=` and the badge's style."""

    NONE = "none", "Not linked"
    SYNCED = "synced", "Synced"
    WAITING = "waiting", "Waiting"
    PAUSED = "paused", "Paused"
    FAILED = "failed", "Not sent"
    CHANGED = "changed", "Differs from Xero"
    GONE = "gone", "Inactive in Xero"


class LinkState(LabelledEnum):
    """What a pushed row says. Only an active one is pushed."""

    ACTIVE = "active", "Linked"
    PARKED = "parked", "Not sent"  # refused, or out of tries; the reason is beside it
    ARCHIVED = "archived", "Archived in Xero"
    MERGED = "merged", "Merged in Xero"
    ERASED = "erased", "Erased in Xero"
    MISSING = "missing", "Not in Xero"

    @property
    def is_gone(self) -> bool:
        """Return whether Xero no longer has the contact in use."""
        return self in {LinkState.ARCHIVED, LinkState.MERGED, LinkState.ERASED, LinkState.MISSING}


GONE_STATES: Final = tuple(state for state in LinkState if state.is_gone)


class ConnectionState(LabelledEnum):
    """Whether a business can reach its Xero organisation."""

    CONNECTED = "connected", "Connected"
    LOST = "lost", "Connection lost"  # the consent no longer holds; what is owed waits for a new one
    ENDED = "ended", "Disconnected"  # on purpose


class Phase(LabelledEnum):
    """The phase of an import. Pausing is not a phase: `paused_until` says it."""

    READING = "reading", "Reading contacts from Xero"
    MATCHING = "matching", "Looking for customers you already have"
    REVIEW = "review", "Waiting for your decisions"
    ADDING = "adding", "Adding customers"
    FINISHED = "finished", "Finished"
    CANCELLED = "cancelled", "Cancelled"
    FAILED = "failed", "Stopped by a problem"
    PREVIEWED = "previewed", "Preview, nothing changed"
    UNDOING = "undoing", "Undoing the import"
    UNDONE = "undone", "Undone"

    @property
    def is_over(self) -> bool:
        """Return whether nothing more happens without a person."""
        return self in {Phase.FINISHED, Phase.CANCELLED, Phase.FAILED, Phase.PREVIEWED, Phase.UNDONE}


class Decision(LabelledEnum):
    """What to do with one contact of Xero, or one row of a file."""

    LINK = "link"
    MATCH = "match", "Same customer"  # of a row of a file: it is a customer that is here
    ADD = "add"
    SKIP = "skip"
    NEVER = "never", "Never import"


class Outcome(LabelledEnum):
    """What became of one contact of Xero, or one row of a file, in an import."""

    ADDED = "added", "Added"
    LINKED = "linked", "Linked"
    ALREADY_LINKED = "already_linked", "Already linked"
    UPDATED = "updated", "Updated"
    UNCHANGED = "unchanged", "Unchanged"
    LEFT_OUT = "left_out", "Not imported"
    SKIPPED = "skipped", "Skipped"
    REFUSED = "refused", "Couldn't import"
    UNDONE = "undone", "Undone"


class SaleStatus(LabelledEnum):
    """What became of a sale on account."""

    OPEN = "open"
    VOIDED = "voided"


class ActivityKind(LabelledEnum):
    """What happened, in the history of a contact and of the business; who did it stands beside it."""

    ADDED = "added"
    IMPORTED = "imported", "Imported from Xero"
    EDITED = "edited"
    VERSION_RESTORED = "version_restored", "Restored an earlier version"
    ARCHIVED = "archived"
    RESTORED = "restored"
    MERGED = "merged", "Merged"
    MERGE_UNDONE = "merge_undone", "Merge undone"
    LINKED = "linked", "Linked to Xero"
    UNLINKED = "unlinked", "Unlinked from Xero"
    SENT = "sent", "Sent to Xero"
    NOT_SENT = "not_sent", "Not sent to Xero"
    DELAYED = "delayed", "Will be sent to Xero later"
    VERIFIED = "verified", "Checked in Xero"
    TRIED_AGAIN = "tried_again", "Pressed Try again"
    SENT_OURS = "sent_ours", "Pressed Send ours to Xero"
    GONE_FROM_XERO = "gone_from_xero", "Archived or removed in Xero"
    CHANGED_IN_XERO = "changed_in_xero", "Changed in Xero"
    SOLD = "sold", "Charged to account"
    SALE_VOIDED = "sale_voided", "Sale voided"
    LIMIT_CHANGED = "limit_changed", "Credit limit changed"
    SALE_SENT = "sale_sent", "Sale sent to Xero"
    SALE_NOT_SENT = "sale_not_sent", "Sale not sent to Xero"
    SALE_DELAYED = "sale_delayed", "Sale will be sent to Xero later"
    SALE_PAID = "sale_paid", "Payment recorded in Xero"
    SALE_CREDITED = "sale_credited", "Credited in Xero"
    SALE_CHANGED = "sale_changed", "Invoice changed in Xero"
    ERASED = "erased", "Personal details erased"
    CONNECTED = "connected", "Connected to Xero"
    DISCONNECTED = "disconnected", "Disconnected from Xero"
    CONNECTION_LOST = "connection_lost", "Connection to Xero lost"
    EXPORTED = "exported", "Exported (CSV)"
    ORGANISATION_RENAMED = "organisation_renamed", "Organisation renamed in Xero"
    IMPORT_STARTED = "import_started"
    IMPORT_FINISHED = "import_finished"
    IMPORT_CANCELLED = "import_cancelled"
    IMPORT_FAILED = "import_failed"
    IMPORT_UNDONE = "import_undone"
    IMPORT_PREVIEWED = "import_previewed"
