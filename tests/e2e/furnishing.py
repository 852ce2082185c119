"""A shop furnished with everything that the screens show: customers in every state, imports, drafts, a second shop."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.db.base import new_id
from posxero.db.contact import Contact, Link
from posxero.db.draft import Draft
from posxero.db.engine import begin_writing, writing
from posxero.db.import_ import Import
from posxero.domain.enums import ActivityKind, LinkState, Phase, Role
from posxero.domain.fields import KEYS
from posxero.domain.kinds import ContactKind
from posxero.services.accounts import invitations
from posxero.services.push.kinds import contact_reasons as reasons
from tests.e2e.reach import LONG
from tests.support import full_shop, links_in_trouble, long_history, people

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from posxero.db.business import User
    from tests.e2e.live import LiveShop

OTHER_ENDS = (Phase.PREVIEWED, Phase.UNDONE)


def furnish(shop: LiveShop) -> dict[str, UUID | str]:
    """Fill a shop with customers in every state; return the ids that addresses name."""
    session, business, olive = shop.session, shop.business, shop.person(Role.OWNER)
    with shop.importer() as importer:
        ids = full_shop.furnish(importer, shop.xero)
    begin_writing(session)
    linked = select(Link).join(Contact, Link.contact_id == Contact.id).order_by(Contact.name_key)
    synced, waiting, failed, changed, different, gone, merged, doubled = session.scalars(linked).fetchmany(8)
    _set_states(waiting, failed, changed, different, gone)
    links_in_trouble.merge(merged, uuid4())
    links_in_trouble.merge(doubled, synced.xero_id)
    _add_activity(session, synced, failed)
    long = session.get_one(Contact, (business.id, failed.contact_id))
    long.name, long.email = LONG, f"{'accounts.' * 5}payable@{'wholesale.' * 4}example"
    finished = session.scalars(select(Import.id).where(Import.id != ids["import_id"])).one()
    ended = {phase.value: _ended(session.get_one(Import, (business.id, finished)), phase) for phase in OTHER_ENDS}
    session.add_all(ended.values())
    session.commit()
    unlinked = shop.add("Ngaio Te Rangi", phone="021 555 0002", customer_code="L-00017")
    searched = shop.add("Ana Reid", email="ana@shop.example", phone="021 555 0003")
    begin_writing(session)
    session.add(links_in_trouble.answered_search(searched, synced))
    customer = session.get_one(Contact, (business.id, synced.contact_id))
    session.commit()
    version = long_history.add_history(session, customer, long=LONG)
    entries = select(Activity.id).where(Activity.contact_id == customer.id).order_by(Activity.id)
    first_version = session.scalars(entries).first()
    mia, kept = shop.person(Role.MANAGER), _draft(olive, long)
    with writing(session):
        session.add_all([kept, _draft(mia, None)])
    _, token = invitations.create(session, olive, name="Ivy", role=Role.MANAGER.value, now=datetime.now(UTC))
    found = {"synced": synced, "waiting": waiting, "failed": failed, "changed": changed}
    found |= {"different": different, "gone": gone, "merged": merged, "doubled": doubled}
    return {
        **{name: link.contact_id for name, link in found.items()},
        "unlinked": unlinked.id,
        "version": version,
        "first_version": str(first_version),
        "searched": searched.id,
        "sale": ids["sale_id"],
        "review": ids["import_id"],
        "finished": finished,
        **{name: run.id for name, run in ended.items()},
        "user": ids["user_id"],
        "kept": kept.id,
        "token": token,
    }


def _add_activity(session: Session, synced: Link, failed: Link) -> None:
    """Let Xero have one customer, refuse another, and be connected and disconnected by people."""
    told = (
        (ActivityKind.CONNECTED, None, "Olive", "Kiwi Outfitters", ""),
        (ActivityKind.SENT, synced, "Mia", "", '{"ContactID": "1", "Name": "Ann Smith"}'),
        (ActivityKind.NOT_SENT, failed, "Mia", failed.reason, '{"ValidationErrors": [{"Message": "assigned"}]}'),
        (ActivityKind.DISCONNECTED, None, "Olive", "Kiwi Outfitters", ""),
        (ActivityKind.CONNECTION_LOST, None, "", "Kiwi Outfitters. Xero says that this app was disconnected.", ""),
    )
    for kind, link, who, note, raw in told:
        entry = Activity(business_id=synced.business_id, at=datetime.now(UTC), kind=kind, note=note, raw=raw)
        entry.contact_id, entry.on_behalf_of = link.contact_id if link else None, who
        session.add(entry)


def _ended(like: Import, phase: Phase) -> Import:
    """Build an import that ended otherwise than another; it has no rows."""
    counts = {"read": 1240, "to_add": 1102, "to_link": 20, "to_check": 96, "left_out": 22}
    return Import(
        business_id=like.business_id,
        id=new_id(),
        tenant_id=like.tenant_id,
        phase=phase,
        **(counts if phase is Phase.PREVIEWED else {"read": 1240, "undone": 1000, "added": 218, "left_out": 22}),
        organisation=like.organisation,
        is_preview=phase is Phase.PREVIEWED,
        phase_at=like.phase_at,
        started_at=like.started_at,
        finished_at=like.finished_at,
        ended_at=like.ended_at,
        started_by="Olive",
        undone_by="Olive",
    )


def _draft(user: User, contact: Contact | None) -> Draft:
    """Build a person's draft of a contact, or of a new one, with a value in every field but a few."""
    return Draft(
        business_id=user.business_id,
        id=new_id(),
        user_id=user.id,
        kind=ContactKind.CUSTOMER,
        contact_id=contact.id if contact else None,
        fields={key: LONG if key == "name" else "" if "line3" in key else f"{key} 1" for key in KEYS}
        | {"birthday": "1990-12-31", "marketing_consent": "yes"},
        version=contact.version if contact else 0,
        started_at=datetime.now(UTC) - timedelta(days=2),
        saved_at=datetime.now(UTC),
    )


def _set_states(waiting: Link, failed: Link, changed: Link, different: Link, gone: Link) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    waiting.owed_revision, waiting.next_try_at, waiting.owed_at = 2, later, datetime.now(UTC)
    waiting.reason = "Xero did not answer."
    failed.owed_revision, failed.tries = 2, 8
    waiting.owed_by, failed.owed_by = "Mia", "Alexandria Featherstonehaugh-Cholmondeley"
    taken = reasons.why("Taken Ltd", ["The contact name Taken Ltd is already assigned to another contact."])
    failed.state, failed.reason, failed.refusal = LinkState.PARKED, taken.reason, taken.kind
    for link in (changed, different):
        link.differs, link.differs_since_linked = True, link is different
        link.copy = link.copy | {"values": link.copy["values"] | {"phone": "09 555 1234", "street_city": "Napier"}}
    gone.state, gone.reason = LinkState.ARCHIVED, "It was archived in Xero. Restore it there, then try again."


def next_door(shop: LiveShop) -> LiveShop:
    """Open a second shop on the same premises, which has nothing yet."""
    business = people.open_shop(shop.session, "Rata Books")
    with writing(shop.session):
        business.security_alert_at = datetime.now(UTC)
    nora = people.hire(shop.session, business, Role.OWNER, "Nora")
    return replace(shop, business=business, staff={Role.OWNER: nora})
