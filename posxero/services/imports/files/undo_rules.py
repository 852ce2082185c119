"""Why undoing an import, of a file or from Xero, keeps a customer, and how the others are found."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, exists, null, select

from posxero.db.contact import Contact, Link
from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import Outcome
from posxero.services.imports import undo_rules
from posxero.services.imports.undo_rules import (
    DELETED,
    EDITED,
    SOLD,
    UNSAVED,
    has_draft,
    is_edited_here,
    sales_of_contact,
)

LINKED: Final = "Linked to Xero since"


def reason_to_keep(run: Import) -> ColumnElement[str | None]:
    """Return the expression of why a row's customer stays; NULL where it can be undone. For `with_customers`."""
    if run.file_id is None:
        return undo_rules.reason_to_keep(run)
    added, updated = ImportRow.outcome == Outcome.ADDED, ImportRow.outcome == Outcome.UPDATED
    return case(
        (Contact.id.is_(None), DELETED),
        (and_(added, exists(_links())), LINKED),
        (and_(added, exists(sales_of_contact())), SOLD),
        (and_(added, is_edited_here()), EDITED),
        (and_(updated, Contact.version != ImportRow.copy["version"].as_integer()), EDITED),
        (and_(updated, Contact.merged_into.is_not(None)), EDITED),
        (has_draft(), UNSAVED),
        else_=cast(null(), Text),
    )


def with_customers(run: Import, *columns: Any, is_outer: bool = True) -> Select[Any]:
    """Select from the rows with the customer of each; from Xero also with its link.

    Args:
        is_outer: Rows without a customer are selected too.
    """
    if run.file_id is None:
        return undo_rules.with_customers(run, *columns, is_outer=is_outer)
    here = and_(Contact.business_id == ImportRow.business_id, Contact.id == ImportRow.contact_id)
    return select(*columns).select_from(ImportRow).join(Contact, here, isouter=is_outer)


def _links() -> Select[Any]:
    return select(Link.id).where(Link.business_id == Contact.business_id, Link.contact_id == Contact.id)
