"""What must be settled before a person's data may be erased, in words, with what to do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Select, String, Text, and_, cast, not_, or_, select
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.db.contact import Contact, Link
from posxero.db.import_ import Import, ImportRow
from posxero.db.push_state import is_owed
from posxero.db.sale import Sale
from posxero.domain.enums import ConnectionState, LinkState, SaleStatus
from posxero.domain.pauses import is_over
from posxero.services.push.linking import is_creation_unresolved

SENDING: Final = "Xero is being sent these details right now. Try again in a minute."
ADDING: Final = (
    "Xero may be adding this contact right now. Try again once its status is Synced or Not sent, or unlink it then."
)
ASKED: Final = "An import is waiting for your decision about this contact. Decide there first, or cancel the import."


READING: Final = "A file is being imported, and may hold these details. Try again when it has finished."


class Blocker(NamedTuple):
    """Why a person's data cannot be erased yet; `sales` are those to settle first, by number."""

    words: str
    sales: Sequence[tuple[UUID, str]] = ()


def find_blockers(session: Session, contact: Contact, *, now: datetime, lock: bool = False) -> list[Blocker]:
    """List what stands in the way.

    Args:
        lock: Keep workers from its links until the transaction ends.
    """
    found = [*_of_links(session, contact, now, lock=lock), *_of_sales(session, contact)]
    if _is_asked_about(session, contact):
        found.append(Blocker(ASKED))
    running = (Import.business_id == contact.business_id, Import.finished_at.is_(None), Import.file_id.is_not(None))
    if session.scalar(select(Import.id).where(*running).limit(1)) is not None:
        found.append(Blocker(READING))
    return found


def _of_links(session: Session, contact: Contact, now: datetime, *, lock: bool) -> list[Blocker]:
    query = select(Link).where(Link.business_id == contact.business_id, Link.contact_id == contact.id)
    if lock:
        query = query.with_for_update()
    links = session.scalars(query.execution_options(populate_existing=True)).all()
    connected = set(session.scalars(_connected(contact)))  # what was under way in another one is never answered
    if any(is_creation_unresolved(link) for link in links if link.tenant_id in connected):
        return [Blocker(ADDING)]
    is_held = any(not is_over(link.leased_at, link.lease_until, now) for link in links)
    return [Blocker(SENDING)] if is_held else []


def _connected(contact: Contact) -> Select[UUID]:
    """Select the organisation that the business is connected to, or was until its consent was lost."""
    mine = (Connection.business_id == contact.business_id, Connection.state != ConnectionState.ENDED)
    return select(Connection.tenant_id).where(*mine)


def _of_sales(session: Session, contact: Contact) -> list[Blocker]:
    """Find the sales that Xero does not have as they are here, or of which that is unknown."""
    outcome_unknown = or_(Sale.lease_token.is_not(None), Sale.creation_key != "", cast(Sale.unconfirmed, Text) != "[]")
    open_ones = or_(is_owed(Sale), Sale.state == LinkState.PARKED, outcome_unknown)
    voided = and_(Sale.status == SaleStatus.VOIDED, Sale.lease_token.is_(None))
    is_left_behind = and_(voided, Sale.tenant_id.not_in(_connected(contact)))  # no more can be done about it
    query = select(Sale.id, Sale.number).where(Sale.business_id == contact.business_id, Sale.contact_id == contact.id)
    rows = [
        (row.id, row.number) for row in session.execute(query.where(open_ones, not_(is_left_behind)).order_by(Sale.id))
    ]
    if not rows:
        return []
    one = len(rows) == 1
    words = "1 sale isn't up to date in Xero yet." if one else f"{len(rows):,} sales aren't up to date in Xero yet."
    return [
        Blocker(f"{words} Wait until {'it is' if one else 'they are'} sent, or void {'it' if one else 'them'}.", rows)
    ]


def _is_asked_about(session: Session, contact: Contact) -> bool:
    """Return whether a running import waits for a person to say whether somebody in Xero is this contact."""
    run = and_(Import.business_id == ImportRow.business_id, Import.id == ImportRow.import_id)
    query = select(ImportRow.xero_id).join(Import, run)
    waits = (ImportRow.business_id == contact.business_id, Import.finished_at.is_(None), ImportRow.needs_review)
    about = cast(ImportRow.candidates, String).contains(str(contact.id))
    undecided = (ImportRow.decision.is_(None), ImportRow.outcome.is_(None))
    return session.scalar(query.where(*waits, *undecided, about).limit(1)) is not None
