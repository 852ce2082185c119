"""Take back that an import made a customer a supplier, too, or a supplier a customer."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, false, or_, select, update
from sqlalchemy.orm import Session

from posxero.db.contact import Contact
from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import Outcome
from posxero.domain.kinds import ContactKind
from posxero.services.imports.rows import RowRange, in_range, rows_of
from posxero.services.imports.undo_rules import sales_of_contact


def switch_back(session: Session, run: Import, row_range: RowRange, unlinked: Sequence[UUID]) -> None:
    """Let contacts that stay be no customer or supplier any more, where the import made them one; the caller commits.

    Whoever was sold to stays a customer.

    Args:
        unlinked: Xero's ids of the rows of this range whose links were undone.
    """
    stays = or_(ImportRow.outcome == Outcome.ALREADY_LINKED, ImportRow.xero_id.in_(unlinked))
    query = select(ImportRow.contact_id, ImportRow.switched_on).where(
        *rows_of(run), *in_range(row_range), ImportRow.switched_on != "", stays
    )
    found = session.execute(query).all()
    for kind, here, other in (
        (ContactKind.CUSTOMER, Contact.is_customer, Contact.is_supplier),
        (ContactKind.SUPPLIER, Contact.is_supplier, Contact.is_customer),
    ):
        ids = [contact_id for contact_id, switched_on in found if switched_on == kind.value]
        if ids:
            kept = [~exists(sales_of_contact())] if kind is ContactKind.CUSTOMER else []
            session.execute(
                update(Contact)
                .where(Contact.business_id == run.business_id, Contact.id.in_(ids), other, *kept)
                .values({here: false()})
                .execution_options(synchronize_session=False)
            )
