"""Make two customers one: the survivor gets what the other one had, and the other one is hidden."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.business import Business
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.db.merge import ContactMerge
from posxero.domain.columns import values_of
from posxero.domain.enums import ActivityKind
from posxero.domain.fields import by_key
from posxero.queue import JobQueue
from posxero.services import activity, customer_balances, owed
from posxero.services.contacts import contacts, emptied_fields
from posxero.services.contacts.emptied_fields import EmptyFields
from posxero.services.contacts.search.keys import search_columns
from posxero.services.merging import checks, moving
from posxero.services.merging.choices import Changes, Comparison
from posxero.services.merging.errors import CannotMerge
from posxero.services.merging.snapshots import changes_since, snapshot_of

SALE_BEING_SENT: Final = (
    "Sale {number} of {name} is being sent to Xero, or Xero didn't answer yet. "
    "Wait until its status says Synced or Not sent, then merge."
)


def merge(
    session: Session, business: Business, form: checks.MergeForm, *, by: str, now: datetime, jobs: JobQueue
) -> ContactMerge:
    """Merge one customer into another; commits, then enqueues a push of the survivor.

    Raises:
        NotFound: One of them is not there.
        CannotMerge: They cannot be merged as it is.
        ChangedMeanwhile: Somebody saved one of them since the choices were shown.
        WouldEmpty: The push would empty what Xero holds, unasked.
    """
    with writing(session):
        survivor, loser = checks.load_both(session, business.id, form.survivor_id, form.loser_id, lock=True)
        checks.check_seen(session, survivor, loser, form.seen)
        links = moving.load_links(session, survivor, loser)
        checks.check_links(loser, links)
        merged = _merge(session, business, (survivor, loser), links, form, by=by, now=now)
    jobs.push(business.id, awaited=True)
    return merged


def _merge(
    session: Session,
    business: Business,
    both: tuple[Contact, Contact],
    links: Sequence[Link],
    form: checks.MergeForm,
    *,
    by: str,
    now: datetime,
) -> ContactMerge:
    """Carry the merge out; the caller commits."""
    survivor, loser = both
    before = {row: snapshot_of(row) for row in (*both, *links)}
    merged = ContactMerge(
        business_id=business.id,
        id=new_id(),
        survivor_id=survivor.id,
        loser_id=loser.id,
        changed={},
        merged_at=now,
        merged_by=by,
    )
    session.add(merged)
    session.flush()
    changed = Comparison.of(survivor, loser).changes(form.chosen)
    _move(session, merged, both, links)
    _hide(session, survivor, loser)
    changed |= _values_from_xero(session, survivor, changed, form.empty_fields)
    _write(session, business, survivor, loser, changed, by=by, now=now)
    owed.owe(session, survivor, by=by, now=now)
    customer_balances.refresh(session, business.id, [survivor.id, loser.id], are_locked=True)
    for one in both:
        session.refresh(one, ["owes", "last_sold_on"])
    _record(session, both, changed, names=(before[survivor]["name"], loser.name), by=by, now=now)
    moving.load_links(session, survivor, loser)  # as `owe` left them
    merged.changed = _changed(before)
    return merged


def _move(session: Session, merged: ContactMerge, both: tuple[Contact, Contact], links: Sequence[Link]) -> None:
    """Move rows and links.

    Raises:
        CannotMerge: The outcome of a sale of the loser is not known yet.
    """
    survivor, loser = both
    moving.move_rows(session, merged)
    sale = moving.sale_being_sent(session, merged)
    if sale is not None:
        raise CannotMerge(SALE_BEING_SENT.format(number=sale.number, name=loser.name))
    if moving.move_links(links, survivor, loser):  # what was sent over them must stay below what is owed now
        survivor.revision = max(survivor.revision, loser.revision)
    session.flush()


def _hide(session: Session, survivor: Contact, loser: Contact) -> None:
    """Take the loser out of every list and search; its code is free for the survivor."""
    survivor.is_customer, survivor.is_supplier = (
        survivor.is_customer or loser.is_customer,
        survivor.is_supplier or loser.is_supplier,
    )
    survivor.merged_count += 1 + loser.merged_count
    loser.is_customer = loser.is_supplier = False
    loser.merged_into, loser.customer_code = survivor.id, ""
    for column in search_columns(values_of(loser), ""):
        setattr(loser, column, "")
    session.flush()


def _values_from_xero(
    session: Session, survivor: Contact, changed: Changes, choice: EmptyFields
) -> Mapping[str, tuple[str, str]]:
    values = values_of(survivor) | {key: new for key, (_, new) in changed.items()}
    added = emptied_fields.values_to_add(session, survivor, values, choice)
    return {key: ("", value) for key, value in added.items()}


def _write(
    session: Session,
    business: Business,
    survivor: Contact,
    loser: Contact,
    changed: Changes,
    *,
    by: str,
    now: datetime,
) -> None:
    """Write the survivor's fields; a value that is taken over keeps when and by whom it was recorded."""
    if not changed:
        return
    contacts.write(session, business, survivor, changed, now, by=by)
    for place in filter(None, (by_key(key).provenance for key in changed)):
        for column in place:
            setattr(survivor, column, getattr(loser, column))
    session.flush()


def _record(
    session: Session,
    both: tuple[Contact, Contact],
    changed: Changes,
    *,
    names: tuple[str, str],
    by: str,
    now: datetime,
) -> None:
    survivor, loser = both
    note, revision = f"{names[1]} was merged into {names[0]}.", survivor.revision
    activity.record(
        session, survivor, ActivityKind.MERGED, by=by, now=now, changes=changed, revision=revision, note=note
    )
    activity.record(session, loser, ActivityKind.MERGED, by=by, now=now, note=note)


def _changed(before: Mapping[Any, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what became of rows: {table: {id: {column: [before, after]}}}."""
    found: dict[str, dict[str, Any]] = {}
    for row, columns in before.items():
        also = moving.PUSHED if isinstance(row, Link) else ()
        found.setdefault(row.__tablename__, {})[str(row.id)] = changes_since(columns, row, also=also)
    return found
