"""Every screen of the shop in the states it can be in: its address, who looks at it, and how the state is reached."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.db.base import new_id
from posxero.db.contact import Contact, Link
from posxero.db.draft import Draft
from posxero.db.engine import begin_writing
from posxero.db.import_ import Import
from posxero.domain.enums import ActivityKind, LinkState, Phase, Role
from posxero.domain.fields import KEYS
from posxero.domain.kinds import ContactKind
from posxero.services.accounts import invitations
from posxero.services.push.kinds import contact_reasons as reasons
from tests import full_shop, people
from tests.support import links_in_trouble, long_history

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from playwright.sync_api import Page
    from sqlalchemy.orm import Session

    from posxero.db.business import User
    from tests.e2e.live import LiveShop

OTHER_ENDS = (Phase.PREVIEWED, Phase.UNDONE)
LONG = "Whanganui & Manawatū Regional Agricultural Machinery Cooperative Society (Incorporated) Wholesale Department"


@dataclass(frozen=True)
class Screen:
    """One screen in one state. Its address may name ids; `reach` does what a person does on it first."""

    path: str
    role: Role | None = Role.OWNER
    reach: Callable[[Page], object] | None = None
    empty: bool = False  # in a shop that has nothing yet


def refuse(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=False).first.click()
    page.get_by_role("alert").first.wait_for()


def wrong_email(page: Page) -> None:
    page.get_by_label("Email").fill("nobody")
    refuse(page)


def sign_in_wrongly(page: Page) -> None:
    page.get_by_label("Email").fill("nobody@shop.example")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()


def conflict(page: Page) -> None:
    page.get_by_label("Email").fill("mine@shop.example")
    page.locator("[name=version]").evaluate("field => { field.value = '0' }")
    refuse(page)


def restore_conflict(page: Page) -> None:
    page.locator("[name=version]").evaluate("field => { field.value = '0' }")
    page.get_by_role("button", name="Restore this version").click()
    page.get_by_role("alert").first.wait_for()


def save_without_choosing(page: Page) -> None:
    conflict(page)
    page.get_by_role("button", name="Save Customer").click()
    page.get_by_text("Choose which one to keep").first.wait_for()


def type_what_is_known(page: Page) -> None:
    page.get_by_label("Mobile").press_sequentially("021 555 0002")
    page.get_by_role("button", name="Save anyway").wait_for()


def save_what_is_known(page: Page) -> None:
    page.get_by_label("First name").fill("Ngaio")
    page.get_by_label("Mobile").fill("021 555 0002")
    page.get_by_role("button", name="Save Supplier").click()
    page.get_by_role("alert").first.wait_for()


def add_line(page: Page) -> None:
    page.get_by_role("button", name="Add another line").click()
    page.locator("#description-1").wait_for()


def charge_nothing(page: Page) -> None:
    page.get_by_role("button", name="Charge to account").click()
    page.get_by_role("alert").first.wait_for()


def wrong_limit(page: Page) -> None:
    page.get_by_label("Limit").fill("lots")
    refuse(page)


def wrong_account(page: Page) -> None:
    page.get_by_label("Income account").fill("Nothing")
    refuse(page)


def leave(page: Page) -> None:
    page.get_by_label("Email").fill("mine@shop.example")
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("dialog").wait_for()


def save_signed_out(page: Page) -> None:
    page.get_by_label("Email").fill("mine@shop.example")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save Customer").click()
    page.get_by_role("button", name="Sign in and save").click()
    page.get_by_role("dialog").get_by_role("alert").wait_for()


def save_from_an_old_page(page: Page) -> None:
    page.locator("#contact-form [name=csrf_token]").evaluate("field => { field.value = 'of another sign-in' }")
    page.get_by_role("button", name="Save Customer").click()
    page.get_by_role("dialog").wait_for()


def open_account(page: Page) -> None:
    if page.get_by_role("button", name="Account").is_visible():
        page.get_by_role("button", name="Account").click()


def ask_to_archive(page: Page) -> None:
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Archive", exact=True).click()
    page.get_by_role("dialog").wait_for()


def ask_to_unlink(page: Page) -> None:
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Unlink from Xero").click()
    page.get_by_role("dialog").wait_for()


def search_for_nothing(page: Page) -> None:
    page.get_by_label("Search in").fill("")
    page.get_by_role("button", name="Search in Xero").click()
    page.get_by_role("alert").first.wait_for()


def press(name: str) -> Callable[[Page], None]:
    def pressed(page: Page) -> None:
        page.get_by_role("button", name=name).click()

    return pressed


def save_to_toast(page: Page) -> None:
    page.get_by_role("link", name="Edit Customer").click()
    page.get_by_role("button", name="Save Customer").click()
    page.locator("#toasts .toast").wait_for()


def invite(page: Page) -> None:
    page.get_by_label("Name").fill(LONG)
    page.get_by_role("button", name="Add user").click()
    page.get_by_label("Link").wait_for()


def open_details(page: Page) -> None:
    for details in page.locator("details > summary").all():
        details.click()


SCREENS = {
    "sign-in": Screen("/sign-in", None),
    "sign-in refused": Screen("/sign-in", None, sign_in_wrongly),
    "nothing there": Screen("/nothing", None),
    "customers": Screen("/customers"),
    "customers, page 2": Screen("/customers?page=2"),
    "customers, the newest first": Screen("/customers?q=an&sort=newest"),
    "customers, menu open": Screen("/customers", reach=press("Import Customers")),
    "customers, account open": Screen("/customers", reach=open_account),
    "customers, none match": Screen("/customers?q=zzz"),
    "customers, none with this state": Screen("/customers?sync=paused"),
    "customers, changed in Xero": Screen("/customers?sync=changed"),
    "customers, by balance": Screen("/customers?sort=balance"),
    "customers, asked to change all": Screen("/customers/change?q=an"),
    "customers, saving a filter": Screen("/customers/filters/new?sort=newest"),
    "customers, saved filters": Screen("/customers/filters"),
    "groups and tags": Screen("/settings/labels"),
    "customers, asked to send ours": Screen("/customers/send-ours?sync=changed"),
    "customers, none yet": Screen("/customers", empty=True),
    "customers, for the bookkeeper": Screen("/customers", Role.BOOKKEEPER),
    "suppliers": Screen("/suppliers", empty=True),
    "customer, not linked": Screen("/customers/{unlinked}"),
    "customer, synced": Screen("/customers/{synced}"),
    "customer, waiting": Screen("/customers/{waiting}"),
    "customer, not sent": Screen("/customers/{failed}", reach=open_details),
    "customer, changed in Xero": Screen("/customers/{changed}"),
    "customer, differs from Xero": Screen("/customers/{different}"),
    "customer, archived in Xero": Screen("/customers/{gone}"),
    "customer, merged in Xero": Screen("/customers/{merged}"),
    "customer, merged in Xero, for staff": Screen("/customers/{merged}", Role.STAFF),
    "two customers of one contact": Screen("/customers/{doubled}/follow-merge"),
    "duplicates": Screen("/customers/duplicates"),
    "merge, the other is looked for": Screen("/customers/{synced}/merge?find=a"),
    "merge, both compared": Screen("/customers/{synced}/merge?other={unlinked}"),
    "unlink customer": Screen("/customers/{synced}/unlink"),
    "unlink customer, asked in a dialog": Screen("/customers/{synced}", reach=ask_to_unlink),
    "link customer": Screen("/customers/{unlinked}/link"),
    "link customer, searched": Screen("/customers/{searched}/link"),
    "link customer, refused": Screen("/customers/{unlinked}/link", reach=search_for_nothing),
    "customer, menu open": Screen("/customers/{synced}", reach=press("More")),
    "customer, asked to archive": Screen("/customers/{synced}", reach=ask_to_archive),
    "customer, saved": Screen("/customers/{synced}", reach=save_to_toast),
    "customer, for the bookkeeper": Screen("/customers/{failed}", Role.BOOKKEEPER),
    "history": Screen("/customers/{synced}/history", reach=open_details),
    "history, filtered": Screen("/customers/{synced}/history?what=not-sent&who=retail-pos", Role.BOOKKEEPER),
    "history, none match": Screen("/customers/{synced}/history?field=fax"),
    "restore a version": Screen("/customers/{synced}/history/{version}/restore"),
    "restore a version, refused": Screen("/customers/{synced}/history/{version}/restore", reach=restore_conflict),
    "restore a version, details gone": Screen("/customers/{synced}/history/{first_version}/restore"),
    "edit customer": Screen("/customers/{synced}/edit"),
    "edit customer, refused": Screen("/customers/{synced}/edit", reach=wrong_email),
    "edit customer, conflict": Screen("/customers/{waiting}/edit", reach=conflict),
    "edit customer, conflict without a choice": Screen("/customers/{waiting}/edit", reach=save_without_choosing),
    "edit customer, changed in Xero": Screen("/customers/{changed}/edit", reach=open_details),
    "edit customer, archived in Xero": Screen("/customers/{gone}/edit"),
    "new customer": Screen("/customers/new", reach=open_details),
    # Each is another person or another kind: what was typed is offered as a draft the next time.
    "new customer, known": Screen("/customers/new", Role.STAFF, reach=type_what_is_known),
    "new supplier, known and saved": Screen("/suppliers/new", Role.STAFF, reach=save_what_is_known),
    "edit customer, draft offered": Screen("/customers/{failed}/edit"),
    "edit customer, about to leave": Screen("/customers/{waiting}/edit", reach=leave),
    "edit customer, signed out": Screen("/customers/{changed}/edit", reach=save_signed_out),
    "edit customer, signed in again": Screen("/customers/{gone}/edit", reach=save_from_an_old_page),
    "new customer, draft offered": Screen("/customers/new", Role.MANAGER),
    "new customer, refused": Screen("/customers/new", reach=refuse),
    "import from Xero": Screen("/imports/new"),
    "import from Xero, not connected": Screen("/imports/new", empty=True),
    "import in review": Screen("/imports/{review}"),
    "import in review, undecided": Screen("/imports/{review}", reach=press("Continue import")),
    "import in review, for staff": Screen("/imports/{review}", Role.STAFF),
    "import finished": Screen("/imports/{finished}"),
    "import finished, added": Screen("/imports/{finished}?show=added"),
    "import finished, not imported": Screen("/imports/{finished}?show=left_out"),
    "import finished, couldn't import": Screen("/imports/{finished}?show=refused"),
    "import previewed": Screen("/imports/{previewed}?show=to_check"),
    "import undone": Screen("/imports/{undone}"),
    "undo import": Screen("/imports/{finished}/undo", reach=open_details),
    "cancel import": Screen("/imports/{review}/cancel"),
    "imports": Screen("/imports"),
    "never imported": Screen("/imports/never"),
    "never imported, nothing": Screen("/imports/never", empty=True),
    "sync activity": Screen("/sync", reach=open_details),
    "sync activity, waiting": Screen("/sync?state=waiting"),
    "sync activity, done": Screen("/sync?state=done"),
    "sync activity, changed in Xero": Screen("/sync?state=changed"),
    "sync activity, narrowed": Screen("/sync?state=done&person=Mia&q=a&from=2026-01-01"),
    "sync activity, nothing matches": Screen("/sync?q=nobody+like+this"),
    "sync activity, as a bookkeeper": Screen("/sync", Role.BOOKKEEPER),
    "sync activity, imports": Screen("/sync?state=imports"),
    "links in trouble": Screen("/sync/links"),
    "links in trouble, of one cause": Screen("/sync/links?cause=archived"),
    "links in trouble, none": Screen("/sync/links", empty=True),
    "links in trouble, asked to unlink": Screen("/sync/links/cure?cause=archived&cure=unlink"),
    "sync activity, nothing": Screen("/sync", empty=True),
    "sales": Screen("/sales"),
    "sales, of a day": Screen("/sales?day=2026-11-26"),
    "sales, none yet": Screen("/sales", empty=True),
    "sales, for the bookkeeper": Screen("/sales", Role.BOOKKEEPER),
    "sale": Screen("/sales/{sale}"),
    "sale, for staff": Screen("/sales/{sale}", Role.STAFF),
    "sale, receipt": Screen("/sales/{sale}/receipt"),
    "sale, asked to void": Screen("/sales/{sale}/void"),
    "new sale": Screen("/customers/{unlinked}/sales/new"),
    "new sale, changed in Xero": Screen("/customers/{changed}/sales/new", reach=open_details),
    "new sale, more lines": Screen("/customers/{unlinked}/sales/new", reach=add_line),
    "new sale, refused": Screen("/customers/{unlinked}/sales/new", reach=charge_nothing),
    "new sale, choose the customer": Screen("/sales/new"),
    "limit": Screen("/customers/{unlinked}/limit"),
    "what a customer owes": Screen("/customers/{unlinked}/balance"),
    "statement": Screen("/customers/{unlinked}/statement"),
    "limit, refused": Screen("/customers/{unlinked}/limit", reach=wrong_limit),
    "settings, sales": Screen("/settings/sales"),
    "settings, sales, refused": Screen("/settings/sales", reach=wrong_account),
    "settings, sales, not connected": Screen("/settings/sales", empty=True),
    "settings, Xero": Screen("/settings/xero"),
    "settings, Xero not connected": Screen("/settings/xero", empty=True),
    "disconnect": Screen("/settings/xero/disconnect"),
    "consent refused": Screen("/xero/callback?error=access_denied&state=x", empty=True),
    "settings, business": Screen("/settings/business"),
    "users": Screen("/settings/users"),
    "new user": Screen("/settings/users/new"),
    "new user, refused": Screen("/settings/users/new", reach=press("Add user")),
    "new user, link": Screen("/settings/users/new", reach=invite),
    "invitation": Screen("/invitations/{token}", None),
    "invitation, signed in and refused": Screen("/invitations/{token}", reach=press("Join")),
    "invitation that cannot be used": Screen("/invitations/nobodys", None),
    "kept form": Screen("/kept/{kept}"),
    "change user": Screen("/settings/users/{user}"),
    "remove user": Screen("/settings/users/{user}/delete"),
    "your account": Screen("/settings/account"),
    "your account, refused": Screen("/settings/account", Role.STAFF, press("Change password")),
    "security log": Screen("/settings/security"),
    "security log, none of this kind": Screen("/settings/security?kind=password_reset"),
    "security log, many wrong passwords": Screen("/settings/security", empty=True),
    "not allowed": Screen("/settings/users", Role.STAFF),
}


def furnish(shop: LiveShop) -> dict[str, UUID | str]:
    """Fill a shop with customers in every state; give the ids that addresses name."""
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
    begin_writing(session)
    kept = _draft(olive, long)
    session.add_all([kept, _draft(shop.person(Role.MANAGER), None)])
    session.commit()
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
    failed.owed_revision, failed.state, failed.tries = 2, LinkState.PARKED, 8
    waiting.owed_by, failed.owed_by = "Mia", "Alexandria Featherstonehaugh-Cholmondeley"
    failed.reason = reasons.why("Taken Ltd", ["The contact name Taken Ltd is already assigned to another contact."])
    for link in (changed, different):
        link.differs, link.differs_since_linked = True, link is different
        link.copy = link.copy | {"values": link.copy["values"] | {"phone": "09 555 1234", "street_city": "Napier"}}
    gone.state, gone.reason = LinkState.ARCHIVED, "It was archived in Xero. Restore it there, then try again."


def next_door(shop: LiveShop) -> LiveShop:
    """Open a second shop on the same premises, which has nothing yet."""
    business = people.open_shop(shop.session, "Rata Books")
    business.security_alert_at = datetime.now(UTC)
    nora = people.hire(shop.session, business, Role.OWNER, "Nora")
    return replace(shop, business=business, staff={Role.OWNER: nora})
