"""What the badge of a sale says, and why it is not in Xero yet."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.contact import Link
from posxero.db.sale import Sale
from posxero.domain.enums import LinkState, SaleStatus, SyncState
from posxero.domain.states import Badge, LinkFacts, badge
from posxero.services.owed import is_owed
from posxero.services.sync_status.connection_status import ConnectionStatus
from posxero.services.xero_connection import connections

IN_XERO: Final = "In Xero"
VOIDED: Final = "Voided"
MATCH_FIRST: Final = (
    "Import from Xero first: the customer may be among the contacts there. This sale will be sent after that."
)
UNLINKED: Final = "The customer isn't linked to Xero any more. Link the customer again, and this sale will be sent."
NOT_SENT: Final = "The customer must be in Xero first, and isn't: {reason}"
CUSTOMER_GONE: Final = "The customer is {label}. Put that right on the customer's page, and this sale will be sent."
AWAITS_APPROVAL: Final = "Xero keeps this invoice as {status} until somebody approves it there."
VOIDED_THERE: Final = "This invoice was voided in Xero, and is open here. Void this sale too, or charge it again."
OTHER_TOTAL: Final = "Xero's total differs from this sale's. Compare the lines in Xero, and correct the invoice there."
DRAFTS: Final = {"DRAFT": "a draft", "SUBMITTED": "submitted"}


def badge_of(sale: Sale, status: ConnectionStatus, now: datetime) -> Badge:
    """Draw the badge of a sale."""
    owed = sale.sent_revision < sale.owed_revision or sale.verify_due
    drawn = badge(LinkFacts(sale.state, owed, differs=False), status.facts, now)
    if drawn.state is not SyncState.SYNCED:
        return drawn
    if sale.status is SaleStatus.VOIDED:
        return Badge(SyncState.GONE, VOIDED)
    return Badge(SyncState.SYNCED, IN_XERO)


def load_obstacle(session: Session, sale: Sale) -> str:
    """Return why a sale's customer keeps it from Xero, and the cure; "" when nothing does."""
    is_waiting = sale.sent_revision < sale.owed_revision and sale.xero_id is None
    if not is_waiting or sale.state is not LinkState.ACTIVE:
        return ""
    link = session.scalar(
        select(Link).where(
            Link.business_id == sale.business_id,
            Link.contact_id == sale.contact_id,
            Link.tenant_id == sale.tenant_id,
        )
    )
    if link is None:
        must_match = connections.must_match_first(session, sale.business_id, sale.tenant_id)
        return MATCH_FIRST if must_match else UNLINKED
    if link.state is LinkState.PARKED:
        return NOT_SENT.format(reason=link.reason)
    if link.state.is_gone:
        return CUSTOMER_GONE.format(label=link.state.label[0].lower() + link.state.label[1:])
    return link.reason if is_owed(link) else ""


def differences_in_xero(sale: Sale) -> list[str]:
    """List what Xero has otherwise than this sale, in sentences."""
    found = []
    if sale.xero_status in DRAFTS:
        found.append(AWAITS_APPROVAL.format(status=DRAFTS[sale.xero_status]))
    if sale.xero_status in {"VOIDED", "DELETED"} and sale.status is SaleStatus.OPEN:
        found.append(VOIDED_THERE)
    if sale.xero_total is not None and sale.xero_total != sale.total:
        found.append(OTHER_TOTAL)
    return found
