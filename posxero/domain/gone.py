"""Contacts that Xero no longer has in use: archived, merged, erased or missing; why, in words, with the cure."""

from typing import Final

from posxero.domain.copies import XeroCopy
from posxero.domain.enums import LinkState

STATES: Final = {"ARCHIVED": LinkState.ARCHIVED, "GDPRREQUEST": LinkState.ERASED}
RESTORE: Final = "Restore it in Xero, then press Try again."
REASONS: Final = {
    LinkState.ARCHIVED: f"It is archived in Xero, and archived contacts can't be changed there. {RESTORE}",
    LinkState.MERGED: "It was merged into another contact in Xero. Link it to that contact, or unlink it here.",
    LinkState.ERASED: "This person's details were erased from Xero on request. Nothing more is sent. "
    "What you have here stays until you change it. Unlink it here.",
    LinkState.MISSING: "Xero no longer has this contact. Unlink it here, create it there again, "
    "or link it to another contact.",
}


def gone_state(copy: XeroCopy | None) -> LinkState | None:
    """Return in which way Xero no longer has a contact in use; None when it has. `copy` is None when it is missing."""
    if copy is None:
        return LinkState.MISSING
    if copy.status == "ARCHIVED" and copy.merged_to:
        return LinkState.MERGED
    return STATES.get(copy.status)
