"""Why undoing an import keeps a customer that the import added or linked."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, exists, literal, null, or_, select

from posxero.db.activity import Activity
from posxero.db.contact import Contact, Link
from posxero.db.draft import Draft
from posxero.db.import_ import Import, ImportRow
from posxero.db.sale import Sale
from posxero.domain.enums import Outcome
from posxero.services.imports.rows import rows_of

DELETED: Final = "Deleted here since"
EDITED: Final = "Changed here since"
SOLD: Final = "Has a sale since"
SENT: Final = "Sent to Xero since"
LINK_CHANGED: Final = "Unlinked or linked to something else since"
UNSAVED: Final = "Somebody has unsaved changes"
SAVED_JUST_NOW: Final = "Somebody was saving it at that moment"
UNDOABLE_OUTCOMES: Final = (Outcome.ADDED, Outcome.LINKED, Outcome.UPDATED)


def reason_to_keep(run: Import) -> ColumnElement[str | None]:
    """Return the expression of why a row's customer stays; NULL where it can be undone. For `with_customers`."""
    added, linked = ImportRow.outcome == Outcome.ADDED, ImportRow.outcome == Outcome.LINKED
    return case(
        (Contact.id.is_(None), DELETED),
        (Link.id.is_(None), LINK_CHANGED),
        (_may_be_sent(), SENT),
        (exists(sales_of_contact()), SOLD),
        (and_(linked, or_(Link.filled.is_(None), *_is_of_another_time(run))), LINK_CHANGED),
        (and_(added, or_(Link.id != Contact.id, _has_another_link())), LINK_CHANGED),
        (and_(added, _is_edited()), EDITED),
        (and_(added, has_draft()), UNSAVED),
        else_=cast(null(), Text),
    )


def with_customers(run: Import, *columns: Any, is_outer: bool = True) -> Select[Any]:
    """Select from the rows with the customer of each and its link to the row's contact of Xero.

    Args:
        is_outer: Rows without a customer or a link are selected too.
    """
    here = and_(Contact.business_id == ImportRow.business_id, Contact.id == ImportRow.contact_id)
    there = and_(
        Link.business_id == Contact.business_id,
        Link.tenant_id == run.tenant_id,
        Link.contact_id == Contact.id,
        Link.xero_id == ImportRow.xero_id,
    )
    rows = select(*columns).select_from(ImportRow)
    return rows.join(Contact, here, isouter=is_outer).join(Link, there, isouter=is_outer)


def sales_of_contact() -> Select[Any]:
    """Select the sales of a contact."""
    return select(Sale.id).where(Sale.business_id == Contact.business_id, Sale.contact_id == Contact.id)


def _may_be_sent() -> ColumnElement[bool]:
    """Return the condition that Xero has, or may have, something of ours. The same as `linking.may_undo`."""
    return or_(Link.sent_at.is_not(None), Link.lease_token.is_not(None), cast(Link.unconfirmed, Text) != "[]")


def _is_of_another_time(run: Import) -> list[ColumnElement[bool]]:
    """Return the conditions that a link was not made while the import ran."""
    ended = [Link.linked_at > literal(run.ended_at, Link.linked_at.type)] if run.ended_at else []
    return [Link.linked_at < literal(run.started_at, Link.linked_at.type), *ended]


def _has_another_link() -> ColumnElement[bool]:
    other = Link.__table__.alias("other_link")
    return exists(
        select(other.c.id).where(
            other.c.business_id == Contact.business_id, other.c.contact_id == Contact.id, other.c.id != Link.id
        )
    )


def _is_edited() -> ColumnElement[bool]:
    """Return the condition that a customer was saved, archived, sold to or merged, or somebody wants it in Xero."""
    return or_(is_edited_here(), Link.owed_revision > Link.sent_revision)


def is_edited_here() -> ColumnElement[bool]:
    """Return the condition that somebody changed a customer, or did something about it, since it was added."""
    by_person = select(Activity.id).where(
        Activity.business_id == Contact.business_id,
        Activity.contact_id == Contact.id,
        Activity.import_id.is_(None),
        Activity.actor != "",
    )
    return or_(
        Contact.version != 1,
        Contact.revision != 1,
        Contact.archived_at.is_not(None),
        Contact.merged_into.is_not(None),
        Contact.merged_count > 0,
        exists(by_person),
    )


def has_draft() -> ColumnElement[bool]:
    """Return the condition that somebody typed something about a customer and did not save it."""
    draft = select(Draft.id).where(Draft.business_id == Contact.business_id, Draft.contact_id == Contact.id)
    return exists(draft)


def made_rows(run: Import) -> tuple[ColumnElement[bool], ...]:
    """Return the condition of rows that added, linked or changed a customer."""
    return (*rows_of(run), or_(*(ImportRow.outcome == outcome for outcome in UNDOABLE_OUTCOMES)))
