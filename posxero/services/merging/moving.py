"""What a merge moves to the survivor, and back: sales, drafts, contacts merged earlier, and links it has none of."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, exists, insert, literal, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from posxero.db.contact import Contact, Link
from posxero.db.draft import Draft
from posxero.db.merge import ContactMerge, MergedRow
from posxero.db.sale import Sale
from posxero.domain.enums import LinkState, SaleStatus

# Whole tables whose rows follow: the column that says whose they are.
FOLLOWING: Final[tuple[InstrumentedAttribute[Any], ...]] = (Sale.contact_id, Contact.merged_into)
# Columns of a link by which it is seen whether anything was sent over it since.
PUSHED: Final = ("xero_id", "owed_revision", "sent_revision", "in_flight", "unconfirmed", "creation_key")
NO_VERSION: Final = 0  # of a draft: what was typed is compared field by field, whatever the customer's version


def move_rows(session: Session, merge: ContactMerge) -> None:
    """Move the loser's rows to the survivor; the caller commits."""
    for column in FOLLOWING:
        table = column.class_
        mine = (table.business_id == merge.business_id, column == merge.loser_id)
        columns = (
            table.business_id,
            literal(merge.id, MergedRow.merge_id.type),
            literal(table.__tablename__),
            table.id,
        )
        names = ["business_id", "merge_id", "moved_table", "row_id"]
        session.execute(insert(MergedRow).from_select(names, select(*columns).where(*mine), include_defaults=False))
        session.execute(
            update(table).where(*mine).values({column: merge.survivor_id}).execution_options(synchronize_session=False)
        )
    _move_drafts(session, merge)


def move_rows_back(session: Session, merge: ContactMerge) -> None:
    """Move back to the loser what came from it and still belongs to the survivor; the caller commits."""
    for column in FOLLOWING:
        table = column.class_
        session.execute(
            update(table)
            .where(
                table.business_id == merge.business_id,
                column == merge.survivor_id,
                table.id.in_(_moved(merge, table.__tablename__)),
            )
            .values({column: merge.loser_id})
            .execution_options(synchronize_session=False)
        )
    _move_drafts_back(session, merge)


def sale_being_sent(session: Session, merge: ContactMerge) -> Sale | None:
    """Find a sale that moved while a request that adds it to Xero may be on its way, or was not answered."""
    attempted = or_(Sale.creation_key != "", Sale.lease_token.is_not(None))
    moved = Sale.id.in_(_moved(merge, Sale.__tablename__))
    query = select(Sale).where(Sale.business_id == merge.business_id, moved, Sale.xero_id.is_(None), attempted)
    return session.scalar(query.order_by(Sale.id).limit(1))


def sales_sent_since(session: Session, merge: ContactMerge) -> Sequence[Sale]:
    """List the sales that moved and that Xero got as invoices to the survivor: undoing the merge leaves them there.

    A contact of Xero that came with the loser goes back to it, and its invoices with it.
    """
    links = merge.changed.get("link", {})
    came_along = [UUID(link_id) for link_id, changed in links.items() if "contact_id" in changed]
    has_another = exists().where(
        Link.business_id == Sale.business_id,
        Link.tenant_id == Sale.tenant_id,
        Link.contact_id == merge.survivor_id,
        Link.id.not_in(came_along),
    )
    sent = (Sale.status == SaleStatus.OPEN, Sale.xero_id.is_not(None), Sale.sent_at >= merge.merged_at)
    query = select(Sale).where(Sale.business_id == merge.business_id, Sale.id.in_(_moved(merge, Sale.__tablename__)))
    return session.scalars(query.where(*sent, has_another).order_by(Sale.id)).all()


def load_links(session: Session, *contacts: Contact) -> Sequence[Link]:
    """Load the links of contacts, and keep others from writing them until the transaction ends."""
    ids = [contact.id for contact in contacts]
    query = select(Link).where(Link.business_id == contacts[0].business_id, Link.contact_id.in_(ids))
    locked = query.order_by(Link.id).with_for_update().execution_options(populate_existing=True)
    return session.scalars(locked).all()


def move_links(links: Sequence[Link], survivor: Contact, loser: Contact) -> list[Link]:
    """Let the survivor have the loser's links to organisations where it has none; the others are no longer sent.

    Returns:
        Those that moved.
    """
    tenants = {link.tenant_id for link in links if link.contact_id == survivor.id}
    moved = []
    for link in (one for one in links if one.contact_id == loser.id):
        if link.tenant_id not in tenants and not link.state.is_gone:
            link.contact_id, link.filled = survivor.id, None
            moved.append(link)
        elif link.state is LinkState.PARKED:  # nobody is to cure what is not sent any more
            link.state, link.reason = LinkState.ACTIVE, ""
    return moved


def _moved(merge: ContactMerge, table: str) -> Select[Any]:
    return select(MergedRow.row_id).where(
        MergedRow.business_id == merge.business_id, MergedRow.merge_id == merge.id, MergedRow.moved_table == table
    )


def _move_drafts(session: Session, merge: ContactMerge) -> None:
    """Move the drafts of those who have none of the survivor."""
    mine = (Draft.business_id == merge.business_id, Draft.contact_id.in_((merge.survivor_id, merge.loser_id)))
    found = session.scalars(select(Draft).where(*mine).order_by(Draft.id)).all()
    busy = {draft.user_id for draft in found if draft.contact_id == merge.survivor_id}
    for draft in (one for one in found if one.contact_id == merge.loser_id and one.user_id not in busy):
        replaced = {"version": draft.version}
        moved = MergedRow(
            business_id=merge.business_id,
            merge_id=merge.id,
            moved_table=Draft.__tablename__,
            row_id=draft.id,
            replaced=replaced,
        )
        session.add(moved)
        draft.contact_id, draft.version = merge.survivor_id, NO_VERSION


def _move_drafts_back(session: Session, merge: ContactMerge) -> None:
    query = (
        select(Draft, MergedRow.replaced)
        .join(MergedRow, (MergedRow.business_id == Draft.business_id) & (MergedRow.row_id == Draft.id))
        .where(
            MergedRow.business_id == merge.business_id,
            MergedRow.merge_id == merge.id,
            MergedRow.moved_table == Draft.__tablename__,
            Draft.contact_id == merge.survivor_id,
        )
    )
    drafts = select(Draft.user_id).where(Draft.business_id == merge.business_id, Draft.contact_id == merge.loser_id)
    busy = set(session.scalars(drafts))  # by a form that was open while they were merged
    for draft, replaced in session.execute(query.where(Draft.user_id.not_in(busy))).all():
        is_unchanged = draft.version == NO_VERSION
        draft.contact_id = merge.loser_id
        draft.version = replaced["version"] if is_unchanged else NO_VERSION
