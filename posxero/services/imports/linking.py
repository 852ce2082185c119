"""Link customers that were here before the import. Their fields stay, and empty ones are filled from Xero."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Row, and_, insert, select, update
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.business import Business
from posxero.db.contact import Contact, Link
from posxero.db.engine import rows_changed
from posxero.db.import_ import Import, ImportRow
from posxero.domain.columns import values_of
from posxero.domain.copies import XeroCopy
from posxero.domain.diff import differences, sent_keys
from posxero.domain.enums import ActivityKind, Decision, LinkState, Outcome
from posxero.domain.fields import KEYS, MAPPED_KEYS
from posxero.domain.filling import values_to_fill
from posxero.domain.kinds import ContactKind
from posxero.services import activity, owed
from posxero.services.contacts.search.keys import search_columns
from posxero.services.imports.rows import RowRange, unsettled_in
from posxero.services.push.links.joining import DETAILS_KEPT, FIELDS_FILLED

STATE_COLUMNS: Final = (Contact.version, Contact.revision, Contact.tax_number_edited, Contact.merged_into)
CUSTOMER_DELETED: Final = "The customer you chose to link it to no longer exists. Import again to choose another."
CUSTOMER_MERGED: Final = "{name} was merged into another customer meanwhile. Import again to choose another."
LINKED_ELSEWHERE: Final = "{name} is already linked to another contact in Xero."


class LinkCounts(NamedTuple):
    """How many rows were linked, and how many could not be."""

    linked: int
    refused: int


def link(session: Session, run: Import, row_range: RowRange, *, now: datetime) -> LinkCounts:
    """Link the contacts of one range of rows as decided; the caller commits.

    A link is a fact between one contact here and one in Xero: a second one is refused, and
    the report says so. Where values differ nothing is owed; it shows as differing from Xero.
    """
    country = session.get_one(Business, run.business_id).country
    links: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    refused: dict[UUID, str] = {}
    linked_here: set[UUID] = set()
    _lock_customers(session, run, row_range)
    for row in session.execute(_decided(run, row_range)):
        if row.id is None:
            refused[row.xero_id] = CUSTOMER_DELETED
        elif row.merged_into is not None:
            refused[row.xero_id] = CUSTOMER_MERGED.format(name=row.name)
        elif row.link_id is not None or row.id in linked_here:
            refused[row.xero_id] = LINKED_ELSEWHERE.format(name=row.name)
        else:
            linked_here.add(row.id)
            filled = _fill(session, run, row, country, now)
            links.append(_link_row(run, row, filled, now))
            entries.append(_activity_row(run, row, filled, now))
            _set_flags(session, run, row)
    if links:
        session.execute(insert(Link), links)
        filled_here = [link["contact_id"] for link in links if link["filled"]]
        owed.recheck_other_links(session, run.business_id, filled_here, tenant_id=run.tenant_id, now=now)
        activity.record_many(session, entries)
    for xero_id, reason in refused.items():
        _settle(session, run, xero_id, outcome=Outcome.REFUSED, reason=reason, contact_id=None)
    settled = _settle_rest(session, run, row_range)
    return LinkCounts(settled, len(refused))


def _lock_customers(session: Session, run: Import, row_range: RowRange) -> None:
    """Let saves wait until the links are there: one in between would find no link by which Xero is owed it."""
    chosen = select(ImportRow.contact_id).where(*unsettled_in(run, row_range), ImportRow.decision == Decision.LINK)
    ours = (Contact.business_id == run.business_id, Contact.id.in_(chosen))
    session.execute(select(Contact.id).where(*ours).order_by(Contact.id).with_for_update()).all()


def _decided(run: Import, row_range: RowRange) -> Any:
    ours = [getattr(Contact, key) for key in KEYS]
    theirs = (ImportRow.xero_id, ImportRow.copy, ImportRow.is_customer, ImportRow.is_supplier)
    balance = (ImportRow.outstanding, ImportRow.overdue)
    flags = (Contact.is_customer.label("was_customer"), Contact.is_supplier.label("was_supplier"))
    return (
        select(*theirs, *balance, *flags, Contact.id, *STATE_COLUMNS, Link.id.label("link_id"), *ours)
        .outerjoin(Contact, and_(Contact.business_id == run.business_id, Contact.id == ImportRow.contact_id))
        .outerjoin(
            Link,
            and_(
                Link.business_id == run.business_id,
                Link.tenant_id == run.tenant_id,
                Link.contact_id == ImportRow.contact_id,
            ),
        )
        .where(*unsettled_in(run, row_range), ImportRow.decision == Decision.LINK)
        .order_by(ImportRow.xero_id)
    )


def _fill(session: Session, run: Import, row: Row[Any], country: str, now: datetime) -> dict[str, str]:
    """Fill the empty fields of a contact from Xero's, unless somebody just saves it; return what was filled, by key."""
    values = values_of(row)
    filled = values_to_fill(values, XeroCopy.from_json(row.copy).values)
    if not filled:
        return {}
    columns = {**filled, **search_columns(values | filled, country), "version": row.version + 1, "updated_at": now}
    as_read = (Contact.business_id == run.business_id, Contact.id == row.id, Contact.version == row.version)
    changed = session.execute(
        update(Contact).where(*as_read).values(columns).execution_options(synchronize_session=False)
    )
    return filled if rows_changed(changed) else {}


def _link_row(run: Import, row: Row[Any], filled: Mapping[str, str], now: datetime) -> dict[str, Any]:
    values = {**{key: getattr(row, key) for key in MAPPED_KEYS}, **filled}
    theirs = XeroCopy.from_json(row.copy).values
    differs = bool(differences(values, theirs, keys=sent_keys(tax_number_edited=row.tax_number_edited)))
    return {
        "business_id": run.business_id,
        "id": new_id(),
        "contact_id": row.id,
        "tenant_id": run.tenant_id,
        "xero_id": row.xero_id,
        "copy": row.copy,
        "copied_at": now,
        "outstanding": row.outstanding,
        "overdue": row.overdue,
        "balance_at": run.started_at,
        "differs": differs,
        "differs_since_linked": differs,
        "sent_revision": row.revision,
        "owed_revision": row.revision,
        "linked_at": now,
        "filled": dict(filled),
        "state": LinkState.ACTIVE,
    }


def _activity_row(run: Import, row: Row[Any], filled: Mapping[str, str], now: datetime) -> dict[str, Any]:
    return {
        "business_id": run.business_id,
        "at": now,
        "kind": ActivityKind.LINKED,
        "contact_id": row.id,
        "import_id": run.id,
        "actor": run.started_by,
        "changes": [[key, "", value] for key, value in filled.items()],
        "note": f"{run.organisation}, by an import. {FIELDS_FILLED if filled else DETAILS_KEPT}",
    }


def _set_flags(session: Session, run: Import, row: Row[Any]) -> None:
    """Make the contact a customer or supplier where Xero says it is one; no version is raised. The row remembers it."""
    is_new = {
        ContactKind.CUSTOMER: row.is_customer and not row.was_customer,
        ContactKind.SUPPLIER: row.is_supplier and run.with_suppliers and not row.was_supplier,
    }
    for kind in [kind for kind, yes in is_new.items() if yes]:
        found = {f"is_{kind}": True}
        status = (Contact.business_id == run.business_id, Contact.id == row.id)
        session.execute(update(Contact).where(*status).values(found).execution_options(synchronize_session=False))
        _settle(session, run, row.xero_id, kind_added=kind.value)


def _settle(session: Session, run: Import, xero_id: UUID, **values: Any) -> None:
    status = (
        ImportRow.business_id == run.business_id,
        ImportRow.import_id == run.id,
        ImportRow.xero_id == xero_id,
    )
    session.execute(update(ImportRow).where(*status).values(values).execution_options(synchronize_session=False))


def _settle_rest(session: Session, run: Import, row_range: RowRange) -> int:
    found = session.execute(
        update(ImportRow)
        .where(*unsettled_in(run, row_range), ImportRow.decision == Decision.LINK)
        .values(outcome=Outcome.LINKED)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(found)
