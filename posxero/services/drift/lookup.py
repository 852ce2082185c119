"""Look contacts up in Xero by their ids."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import structlog

from posxero.services.drift.checks import ClaimedCheck
from posxero.xero.client import XeroClient
from posxero.xero.errors import Missing, TooLarge
from posxero.xero.shapes import Contact as XeroContact

log = structlog.get_logger(__name__)


def look_up(check: ClaimedCheck, xero_ids: Sequence[UUID]) -> dict[UUID, XeroContact | None]:
    """Read up to 40 contacts; None for one that Xero says it does not have. One that cannot be read is left out.

    A contact that the answer lacks or repeats is read alone: a list that lacks it does not say that Xero does.

    Raises:
        XeroError: Nothing is known of them.
    """
    try:
        answered = check.call(lambda client: client.contacts_by_ids(xero_ids))
    except TooLarge:
        answered = []
    count = Counter(contact.contact_id for contact in answered)
    certain = {contact.contact_id: contact for contact in answered if count[contact.contact_id] == 1}
    found: dict[UUID, XeroContact | None] = {}
    for xero_id in xero_ids:
        if xero_id in certain:
            found[xero_id] = certain[xero_id]
        else:
            found |= _look_up_alone(check, xero_id)
    return found


def _look_up_alone(check: ClaimedCheck, xero_id: UUID) -> dict[UUID, XeroContact | None]:
    """Read a contact by its own address; an empty mapping when that tells nothing of it."""

    def read(client: XeroClient) -> XeroContact | None:
        return client.contact_by_id(contact_id=xero_id)

    try:
        contact = check.call(read)
    except Missing:
        return {xero_id: None}
    except TooLarge:
        contact = None
    if contact is None or contact.contact_id != xero_id:
        log.warning("drift.not_read", contact=str(xero_id))
        return {}
    return {xero_id: contact}
