"""What an import reads of linked contacts: a newer copy, and whether it differs. Never a field of ours."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Update, and_, case, literal, select, update
from sqlalchemy.orm import Session

from posxero.db.contact import Contact, Link
from posxero.db.import_ import Import, ImportRow
from posxero.db.lease import lease_is_free
from posxero.domain.copies import XeroCopy
from posxero.domain.diff import differences, sent_keys
from posxero.domain.fields import MAPPED_KEYS
from posxero.services.imports.rows import rows_of
from posxero.services.owed import OWED
from posxero.xero.contact_reading import read_copy
from posxero.xero.shapes import Contact as XeroContact


def refresh_copies(
    session: Session, run: Import, contacts: Iterable[XeroContact], *, read_at: datetime, now: datetime
) -> None:
    """Replace the copies of the links to these contacts, which are staged; the caller commits.

    A link that is owed or being pushed is left alone: its push will say what Xero holds. So is one that another
    transaction is writing at the moment, and one whose copy is newer. Neither the contact nor its counters change.

    Args:
        session: In the transaction that stores the page.
        run: The import.
        contacts: Of one page.
        read_at: The database's time before the page was asked for.
        now: The database's time.
    """
    read = {contact.contact_id: contact for contact in contacts}
    replaced: list[UUID] = []
    differing: list[UUID] = []
    changed: list[UUID] = []
    for row in session.execute(_settled_links(run, list(read), now)):
        copy, kept = read_copy(read[row.xero_id]), XeroCopy.from_json(row.copy)
        if not copy.supersedes(kept, kept_at=row.copied_at, read_at=read_at):
            continue
        replaced.append(row.id)
        values = {key: getattr(row, key) for key in MAPPED_KEYS}
        keys = sent_keys(tax_number_edited=row.tax_number_edited)
        if differences(values, copy.values, keys=keys):
            differing.append(row.id)
        if differences(kept.values, copy.values, keys=keys):
            changed.append(row.id)
    if replaced:
        session.execute(_replacement(run, replaced, differing, changed, read_at))


def _settled_links(run: Import, xero_ids: Sequence[UUID], now: datetime) -> Select[Any]:
    """Select the links that nobody is writing, with what they are compared by, and lock them."""
    ours = [getattr(Contact, key) for key in MAPPED_KEYS]
    return (
        select(Link.id, Link.xero_id, Link.copy, Link.copied_at, Contact.tax_number_edited, *ours)
        .join(Contact, and_(Contact.business_id == Link.business_id, Contact.id == Link.contact_id))
        .where(*_linked(run), Link.xero_id.in_(xero_ids), ~OWED, lease_is_free(Link, now))
        .with_for_update(of=Link, skip_locked=True)
    )


def _replacement(
    run: Import, replaced: Sequence[UUID], differing: Sequence[UUID], changed: Sequence[UUID], read_at: datetime
) -> Update:
    """Write the statement that takes the copies from the staged rows.

    Args:
        replaced: Ids of all links whose copies are replaced.
        differing: Of those whose new copy is not ours.
        changed: Of those whose new copy is not the one before.
    """
    staged = select(ImportRow.copy).where(*rows_of(run), ImportRow.xero_id == Link.xero_id).correlate(Link)
    at = literal(read_at, Link.copied_at.type)
    return (
        update(Link)
        .where(*_linked(run), Link.id.in_(replaced))
        .values(
            copy=staged.scalar_subquery(),
            copied_at=case((Link.copied_at > at, Link.copied_at), else_=at),
            differs=Link.id.in_(differing),
            differs_since_linked=and_(Link.differs_since_linked, Link.id.in_(differing), Link.id.not_in(changed)),
        )
        .execution_options(synchronize_session=False)
    )


def _linked(run: Import) -> tuple[ColumnElement[bool], ...]:
    return (Link.business_id == run.business_id, Link.tenant_id == run.tenant_id)
