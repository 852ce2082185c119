"""What the history of a contact can be filtered by: the topics that its entries are about."""

from typing import Final

from posxero.domain.enums import ActivityKind, LabelledEnum


class HistoryTopic(LabelledEnum):
    """Entries that a reader looks for together; the value is also `?what=`."""

    CHANGES = "changes", "Details changed"
    SENT = "sent", "Sent to Xero"
    NOT_SENT = "not-sent", "Not sent to Xero"
    IN_XERO = "in-xero", "Changed in Xero"
    LINKS = "links", "Linked or unlinked"
    ARCHIVE = "archive", "Archived, restored or erased"
    SALES = "sales", "Sales on account"

    @property
    def kinds(self) -> tuple[ActivityKind, ...]:
        """The kinds of entries that belong to it."""
        return _KINDS[self]


_KINDS: Final = {
    HistoryTopic.CHANGES: (
        ActivityKind.ADDED,
        ActivityKind.IMPORTED,
        ActivityKind.EDITED,
        ActivityKind.VERSION_RESTORED,
        ActivityKind.MERGED,
        ActivityKind.MERGE_UNDONE,
    ),
    HistoryTopic.SENT: (
        ActivityKind.SENT,
        ActivityKind.VERIFIED,
        ActivityKind.SENT_OURS,
        ActivityKind.TRIED_AGAIN,
    ),
    HistoryTopic.NOT_SENT: (ActivityKind.NOT_SENT, ActivityKind.DELAYED),
    HistoryTopic.IN_XERO: (ActivityKind.CHANGED_IN_XERO, ActivityKind.GONE_FROM_XERO),
    HistoryTopic.LINKS: (ActivityKind.LINKED, ActivityKind.UNLINKED),
    HistoryTopic.ARCHIVE: (ActivityKind.ARCHIVED, ActivityKind.RESTORED, ActivityKind.ERASED),
    HistoryTopic.SALES: (
        ActivityKind.SOLD,
        ActivityKind.SALE_VOIDED,
        ActivityKind.LIMIT_CHANGED,
        ActivityKind.SALE_SENT,
        ActivityKind.SALE_NOT_SENT,
        ActivityKind.SALE_DELAYED,
        ActivityKind.SALE_PAID,
        ActivityKind.SALE_CREDITED,
        ActivityKind.SALE_CHANGED,
    ),
}

# What was done in Xero, whichever topic it belongs to.
DONE_IN_XERO: Final = (
    *HistoryTopic.IN_XERO.kinds,
    ActivityKind.SALE_PAID,
    ActivityKind.SALE_CREDITED,
    ActivityKind.SALE_CHANGED,
)
