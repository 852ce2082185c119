"""Words of imports and of the history: phases, decisions, outcomes, kinds of activity."""

from enum import StrEnum


class Phase(StrEnum):
    """Where an import is. Pausing is not a phase: `paused_until` says it."""

    READING = "reading"
    MATCHING = "matching"
    REVIEW = "review"
    ADDING = "adding"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def over(self) -> bool:
        """Return whether nothing more will happen."""
        return self in {Phase.FINISHED, Phase.CANCELLED, Phase.FAILED}

    @property
    def label(self) -> str:
        """Say what the import is doing."""
        return _PHASE[self]


_PHASE = {
    Phase.READING: "Reading contacts from Xero",
    Phase.MATCHING: "Looking for customers you already have",
    Phase.REVIEW: "Waiting for your decisions",
    Phase.ADDING: "Adding customers",
    Phase.FINISHED: "Finished",
    Phase.CANCELLED: "Cancelled",
    Phase.FAILED: "Stopped by a problem",
}


class Decision(StrEnum):
    """What to do with one contact of Xero."""

    LINK = "link"
    ADD = "add"
    SKIP = "skip"

    @property
    def label(self) -> str:
        """Name the decision on screen."""
        return self.value.capitalize()


class Outcome(StrEnum):
    """What became of one contact of Xero in an import."""

    ADDED = "added"
    LINKED = "linked"
    ALREADY_LINKED = "already_linked"
    LEFT_OUT = "left_out"
    SKIPPED = "skipped"
    REFUSED = "refused"

    @property
    def label(self) -> str:
        """Name the outcome on screen."""
        return _OUTCOME[self]


_OUTCOME = {
    Outcome.ADDED: "Added",
    Outcome.LINKED: "Linked",
    Outcome.ALREADY_LINKED: "Already linked",
    Outcome.LEFT_OUT: "Not imported",
    Outcome.SKIPPED: "Skipped",
    Outcome.REFUSED: "Couldn't import",
}


class ActivityKind(StrEnum):
    """What happened, in the history of a contact and of the business."""

    ADDED = "added"
    IMPORTED = "imported"
    EDITED = "edited"
    ARCHIVED = "archived"
    RESTORED = "restored"
    LINKED = "linked"
    UNLINKED = "unlinked"
    SENT = "sent"
    NOT_SENT = "not_sent"
    DELAYED = "delayed"
    VERIFIED = "verified"
    TRIED_AGAIN = "tried_again"
    SENT_OURS = "sent_ours"
    GONE_FROM_XERO = "gone_from_xero"
    CHANGED_IN_XERO = "changed_in_xero"
    IMPORT_STARTED = "import_started"
    IMPORT_FINISHED = "import_finished"
    IMPORT_CANCELLED = "import_cancelled"
    IMPORT_FAILED = "import_failed"

    @property
    def label(self) -> str:
        """Say it in the history; who did it stands beside it."""
        return _ACTIVITY.get(self) or self.value.replace("_", " ").capitalize()


_ACTIVITY = {
    ActivityKind.IMPORTED: "Imported from Xero",
    ActivityKind.LINKED: "Linked to Xero",
    ActivityKind.UNLINKED: "Unlinked from Xero",
    ActivityKind.SENT: "Sent to Xero",
    ActivityKind.NOT_SENT: "Not sent to Xero",
    ActivityKind.DELAYED: "Will be sent to Xero later",
    ActivityKind.VERIFIED: "Checked in Xero",
    ActivityKind.TRIED_AGAIN: "Pressed Try again",
    ActivityKind.SENT_OURS: "Pressed Send ours to Xero",
    ActivityKind.GONE_FROM_XERO: "Gone from Xero",
    ActivityKind.CHANGED_IN_XERO: "Changed in Xero",
}
