"""A shop that has a row behind every address of the app, and a picture of all its rows."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.db.base import new_id
from posxero.db.business import User, UserSession
from posxero.db.connection import Consent
from posxero.db.contact import Contact
from posxero.db.draft import Draft
from posxero.db.excluded_contact import ExcludedContact
from posxero.db.import_ import ImportRow
from posxero.db.models import Base
from posxero.domain.enums import Phase, Role
from posxero.domain.kinds import ContactKind
from posxero.domain.labels import LabelKind
from posxero.services.accounts import invitations
from posxero.services.contacts import contacts
from posxero.services.contacts.history.versions import is_version
from posxero.services.contacts.labels import vocabulary
from posxero.services.contacts.lists import saved_filters as filters
from posxero.services.imports import exclusions
from posxero.services.imports.files import uploads
from posxero.services.xero_connection.tenants import Tenant
from tests.support import factories, merges, people, sales

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer

COMES_AND_GOES = {"active_at", "last_seen_at"}  # columns that reading a page may write


def furnish(importer: Importer, xero: PracticeServer) -> dict[str, UUID]:
    """Connect, import, and leave a second import in review; return an id for every argument of an address."""
    session, business = importer.session, importer.business
    connection = factories.add_practice_connection(session, business, xero, importer.ports.vault)
    done = importer.finish(importer.start())
    assert done.phase is Phase.FINISHED, done.phase
    importer.add(name="Ann Smith", email="ann@shop.example")
    xero.add(Name="A. Smith", EmailAddress="ann@shop.example")
    review = importer.finish(importer.start())
    assert review.phase is Phase.REVIEW, review.phase
    known = select(ImportRow.contact_id).where(ImportRow.import_id == done.id, ImportRow.outcome == "added")
    contact_id = session.scalars(known).first()
    assert contact_id is not None
    user = people.hire(session, business, Role.STAFF, "Ria")
    sales.add_sales_settings(session, business, connection)
    sale = sales.charge(session, business, contacts.get(session, business.id, contact_id))
    entries = session.scalars(select(Activity).where(Activity.contact_id == contact_id).order_by(Activity.id))
    entry_id = next(entry.id for entry in entries if is_version(entry))
    left_out = select(ImportRow).where(ImportRow.import_id == review.id, ImportRow.outcome == "left_out")
    xero_id, other = (row.xero_id for row in session.scalars(left_out.limit(2)))
    exclusions.exclude(session, review, other, by="Ria", now=importer.clock())
    excluded_id = session.scalars(select(ExcludedContact.id)).one()
    return {
        "contact_id": contact_id,
        "address_id": contact_id,
        "import_id": review.id,
        "user_id": user.id,
        "xero_id": xero_id,
        "excluded_id": excluded_id,
        "entry_id": entry_id,
        "sale_id": sale.id,
        "file_id": _upload(session, business.id, importer.clock()),
        **_merge(session, business),
        "filter_id": filters.save(
            session, business.id, ContactKind.CUSTOMER, "Best", {"sort": "newest"}, by="Ria", now=importer.clock()
        ).id,
        "label_id": vocabulary.add(session, business.id, LabelKind.TAG, "VIP", now=importer.clock()).id,
    }


def _merge(session: Session, business: Business) -> dict[str, UUID]:
    """Merge two customers; return the ids of the merge and of the survivor."""
    survivor, loser = (factories.add_contact(session, business, name) for name in ("Bea Lim", "Bee Lim"))
    merge = merges.merge_into(session, business, survivor, loser)
    return {"merge_id": merge.id, "survivor_id": survivor.id}


def _upload(session: Session, business_id: UUID, now: datetime) -> UUID:
    """Leave a file whose columns are to be matched."""
    return uploads.store(session, business_id, io.BytesIO(b"Name\nAnn\n"), "a.csv", limit=1, by="Ria", now=now).id


def keep(session: Session, user: User) -> dict[str, UUID | str]:
    """Leave a consent whose organisation is to be chosen, a form that was sent too late, and an open invitation.

    All are of a signed-in person.
    """
    signed_in = session.scalars(select(UserSession).where(UserSession.user_id == user.id)).one()
    now = datetime.now(UTC)
    consent = Consent(
        business_id=user.business_id,
        id=new_id(),
        state_hash="0" * 64,
        session_hash=signed_in.secret_hash,
        user_id=user.id,
        verifier=b"",
        created_at=now,
        used_at=now,
        organisations=[Tenant(tenant_id=new_id(), xero_connection_id="1", name="Kea").to_json()],
    )
    form = Draft(
        business_id=user.business_id,
        id=new_id(),
        user_id=user.id,
        kind=ContactKind.CUSTOMER,
        fields={"name": "Ann"},
        started_at=now,
        saved_at=now,
    )
    factories.store(session, consent, form)
    invitation, token = invitations.create(session, user, name="Ivy", role=Role.STAFF.value, now=now)
    ids: dict[str, UUID | str] = {"consent_id": consent.id, "form_id": form.id, "sign_in_id": signed_in.id}
    return ids | {"invitation_id": invitation.id, "token": token}


def picture(session: Session) -> dict[str, list[str]]:
    """Copy every row of every table, but for when somebody was last seen."""
    session.rollback()
    rows = {}
    for table in Base.metadata.sorted_tables:
        columns = [column for column in table.columns if column.name not in COMES_AND_GOES]
        rows[table.name] = sorted(str(row) for row in session.execute(select(*columns)))
    session.rollback()
    return rows


def names(session: Session, but_of: UUID) -> list[str]:
    """List the names of all contacts but those of one business."""
    return list(session.scalars(select(Contact.name).where(Contact.business_id != but_of)))
