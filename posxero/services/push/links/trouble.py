"""Links in trouble, by cause: how many there are, and which."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Select, and_, case, func, literal, literal_column, select
from sqlalchemy.orm import Session

from posxero.db.contact import Contact, Link
from posxero.domain import csv_cells
from posxero.domain.enums import LabelledEnum, LinkState
from posxero.domain.refusals import CURED_BY_SAVING, RefusalKind
from posxero.services.contacts.merged import is_merged
from posxero.services.push.kinds import contact_reasons as reasons

PAGE_SIZE: Final = 50  # links a page
BATCH: Final = 500  # links read at a time for a file
HEADINGS: Final = ("Name", "Email", "Code", "Cause", "Reason", "Xero's response")
# Literals, not parameters: only then do both databases use the partial index of links in trouble.
STUCK: Final[ColumnElement[bool]] = literal_column("link.state <> 'active'", Boolean)


class Cause(LabelledEnum):
    """Why a link is in trouble."""

    NAME_TAKEN = "name_taken", "Name already used in Xero"
    NUMBER_TAKEN = "number_taken", "Number already used in Xero"
    DETAILS = "details", "Details that Xero doesn't accept"
    OTHER = "other", "Not sent for another reason"
    ARCHIVED = "archived", "Archived in Xero"
    MERGED = "merged", "Merged in Xero"
    ERASED = "erased", "Erased in Xero"
    MISSING = "missing", "Not in Xero"


class LinkInTrouble(NamedTuple):
    """One of them, with its contact."""

    link: Link
    contact: Contact


def _cause() -> ColumnElement[str]:
    """Return the cause of a link in trouble, in SQL."""
    gone = [(Link.state == state, Cause(state.value).value) for state in LinkState if state.is_gone]
    return case(
        *gone,
        (Link.refusal == RefusalKind.NAME_TAKEN, Cause.NAME_TAKEN.value),
        (Link.refusal == RefusalKind.NUMBER_TAKEN, Cause.NUMBER_TAKEN.value),
        (Link.refusal.in_(sorted(CURED_BY_SAVING)), Cause.DETAILS.value),
        else_=literal(Cause.OTHER.value),
    )


CAUSE: Final = _cause()


def of_tenant(business_id: UUID, tenant_id: UUID, cause: Cause | None = None) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on a link that it is in trouble, for one cause or any."""
    mine = (Link.business_id == business_id, Link.tenant_id == tenant_id, STUCK, ~is_merged())
    return mine if cause is None else (*mine, literal(cause.value) == CAUSE)


def counts(session: Session, business_id: UUID, tenant_id: UUID) -> Mapping[Cause, int]:
    """Count the links in trouble of each cause that has any, in the order of `Cause`."""
    query = select(CAUSE.label("cause"), func.count()).where(*of_tenant(business_id, tenant_id)).group_by("cause")
    found = {Cause(cause): number for cause, number in session.execute(query)}
    return {cause: found[cause] for cause in Cause if cause in found}


def has_suppliers(session: Session, business_id: UUID, tenant_id: UUID, cause: Cause) -> bool:
    """Return whether one of the links of a cause is of a contact who is no customer."""
    return session.scalar(_listed(business_id, tenant_id, cause).where(~Contact.is_customer).limit(1)) is not None


def page(
    session: Session, business_id: UUID, tenant_id: UUID, cause: Cause | None, number: int
) -> Sequence[LinkInTrouble]:
    """List a page of them, by name."""
    query = _listed(business_id, tenant_id, cause).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    return [LinkInTrouble(*row) for row in session.execute(query)]


def csv_lines(session: Session, business_id: UUID, tenant_id: UUID, cause: Cause | None) -> Iterator[str]:
    """Write them as the lines of a CSV file, a batch at a time."""
    yield csv_cells.BYTE_ORDER_MARK + csv_cells.line(HEADINGS)
    query = _listed(business_id, tenant_id, cause).add_columns(CAUSE).execution_options(yield_per=BATCH)
    for link, contact, found in session.execute(query):
        plain, quote = reasons.split(link.reason)
        cells = (contact.name, contact.email, contact.customer_code, Cause(found).label, plain, quote)
        yield csv_cells.line(cells)


def _listed(business_id: UUID, tenant_id: UUID, cause: Cause | None) -> Select[Link, Contact]:
    pair = and_(Contact.business_id == Link.business_id, Contact.id == Link.contact_id)
    conditions = of_tenant(business_id, tenant_id, cause)
    return select(Link, Contact).join(Contact, pair).where(*conditions).order_by(Contact.name_key, Link.id)
