"""What can stop an import, or a request about one.

::

    ImportConflict        a person asked for what cannot be done now; views say why
    ├── AlreadyRunning    another import of this business is running; `import_id` is its id
    ├── ReviewIncomplete  rows that need review wait for a decision: how many, and where the first is
    └── NotInReview       there is nothing to decide at the moment

    StopWork              the slice of work ends here
    ├── LeaseLost         another worker has the import; nothing of ours may be stored
    ├── Cancelled         somebody asked to cancel
    ├── ContactsChanged   the pages that were read do not add up: the walk must start over
    ├── Disconnected      the business has no connection at the moment
    └── ImportFailed      it cannot continue; `reason` says why, in words, with what to do
"""

from uuid import UUID


class ImportConflict(Exception):
    """A person asked for what cannot be done now."""


class AlreadyRunning(ImportConflict):
    """One import of a business runs at a time."""

    def __init__(self, import_id: UUID) -> None:
        super().__init__("An import is already running")
        self.import_id = import_id


class ReviewIncomplete(ImportConflict):
    """Rows of the review have no decision.

    Attributes:
        count: How many.
        first: The Xero contact of the first.
        page: The page of the review that shows it.
    """

    def __init__(self, count: int, first: UUID, page: int) -> None:
        super().__init__(f"Choose what to do with {count} {'contact' if count == 1 else 'contacts'}")
        self.count = count
        self.first = first
        self.page = page


class NotInReview(ImportConflict):
    """The import is not waiting for decisions: someone else went on, or cancelled it."""


class StopWork(Exception):
    """The slice ends here."""


class LeaseLost(StopWork):
    """The lease ran out and another worker has the import."""


class Cancelled(StopWork):
    """Somebody asked to cancel."""


class ContactsChanged(StopWork):
    """The list of contacts changed between its pages, or lacks some: what was read may not be all."""


class Disconnected(StopWork):
    """The business has no connection to Xero at the moment."""


class ImportFailed(StopWork):
    """The import cannot continue."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
