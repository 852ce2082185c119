"""Before a customer is added to Xero for a sale: is it there already, under the same name and email?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from posxero.db.base import new_id
from posxero.db.business import Business
from posxero.db.contact import Contact, Link
from posxero.db.engine import rows_changed, writing
from posxero.db.lease import lease_is_held
from posxero.db.xero_lookup import XeroSearch
from posxero.domain.copies import XeroCopy
from posxero.domain.enums import ActivityKind
from posxero.domain.folding import email_key, name_key
from posxero.domain.refusals import Refusal, RefusalKind
from posxero.services import activity
from posxero.services.contacts import contacts
from posxero.services.drift.invoices import balances
from posxero.services.errors import Erased, Merged
from posxero.services.push.context import OutOfTime, PushContext
from posxero.services.push.items import PushItem
from posxero.services.push.kinds import contact_reasons as reasons
from posxero.services.push.links import joining
from posxero.services.push.links.searches import RESULTS_MAX, TERM_MAX
from posxero.services.push.outcomes import RELEASED, parked
from posxero.xero.contact_reading import read_copy

MATCHES_MAX: Final = 1000  # contacts of a search by an email; a page of Xero holds no more


def settle_match(context: PushContext, item: PushItem) -> bool:
    """Link a customer to the one contact of Xero that has its name and email; several are a person's choice.

    A linked one is still owed, and goes to Xero as an update.

    Returns:
        False when Xero has none, so that it is to be created.
    """
    found = _search(context, item)
    if not found:
        return False
    reason = reasons.SEVERAL.format(count=len(found))
    if len(found) == 1:
        try:
            reason = _link(context, item, *found[0])
        except IntegrityError:  # another customer was linked to it a moment earlier
            reason = reasons.LINKED_ELSEWHERE.format(name="another customer")
    if reason:
        _keep_choice(context, item, found)
        context.settle([parked(item, Refusal(reason, RefusalKind.CHOICE_NEEDED))])
    else:
        context.ports.jobs.push(context.claim.business_id, awaited=True)
    return True


def _search(context: PushContext, item: PushItem) -> Sequence[tuple[UUID, XeroCopy]]:
    """Find the contacts in use that have the name and the email, whatever their case and accents."""
    name, email = name_key(item.values["name"]), email_key(item.values["email"])
    if not name or not email:
        return ()
    kind = context.kind
    answered = context.call(lambda client: client.contacts_by_term(item.values["email"], page_size=MATCHES_MAX))
    copies = [(kind.id_of(remote), read_copy(remote)) for remote in answered if kind.gone(remote) is None]
    keys = {xero_id: (name_key(copy.values["name"]), email_key(copy.values["email"])) for xero_id, copy in copies}
    return [(xero_id, copy) for xero_id, copy in copies if keys[xero_id] == (name, email)]


def _link(context: PushContext, item: PushItem, xero_id: UUID, copy: XeroCopy) -> str:
    """Link the customer, and fill its empty fields from Xero; commits. Return why it cannot be linked, or ""."""
    session, claim, now = context.session, context.claim, context.now()
    with writing(session):
        try:
            contact = contacts.get(session, claim.business_id, item.contact_id, lock=True)
        except (Erased, Merged):  # a moment earlier: what is due of the link now is seen when it is claimed again
            raise OutOfTime("the customer was erased or merged meanwhile") from None
        other = joining.customer_of(session, claim.business_id, claim.connection.tenant_id, xero_id)
        if other is not None:
            return reasons.LINKED_ELSEWHERE.format(name=other.name)
        business = session.get_one(Business, claim.business_id)
        tenant_id = claim.connection.tenant_id
        filled = joining.fill(session, business, contact, copy, tenant_id=tenant_id, by=item.owed_by, now=now)
        _write_link(context, item, _columns(contact, xero_id, copy, filled, now))
        balances.mark_due(session, claim.business_id, claim.connection.tenant_id, {xero_id}, now=now)
        words = joining.FIELDS_FILLED if filled else joining.DETAILS_KEPT
        note = f"{claim.connection.name} has a contact with this name and email. {words}"
        changes = {key: ("", value) for key, value in filled.items()}
        activity.record(session, contact, ActivityKind.LINKED, by="", now=now, changes=changes, note=note)
    return ""


def _columns(contact: Contact, xero_id: UUID, copy: XeroCopy, filled: Any, now: datetime) -> dict[str, Any]:
    differs = joining.is_different(contact, copy)
    return {
        "xero_id": xero_id,
        "copy": copy.to_json(),
        "copied_at": now,
        "differs": differs,
        "differs_since_linked": differs,
        "linked_at": now,
        "filled": dict(filled),
        "reason": "",
        "tries": 0,
    }


def _write_link(context: PushContext, item: PushItem, columns: dict[str, Any]) -> None:
    """Write the link while its lease is ours; the caller commits."""
    held = (Link.business_id == context.claim.business_id, Link.id == item.id, lease_is_held(Link, context.claim.token))
    changed = context.session.execute(
        update(Link).where(*held).values(columns | RELEASED).execution_options(synchronize_session=False)
    )
    if not rows_changed(changed):
        raise OutOfTime("the lease was lost")


def _keep_choice(context: PushContext, item: PushItem, found: Sequence[tuple[UUID, XeroCopy]]) -> None:
    """Keep what was found as the answer to a search, so that the page of the link shows it at once; commits."""
    session, claim, now = context.session, context.claim, context.now()
    same = (XeroSearch.business_id == claim.business_id, XeroSearch.contact_id == item.contact_id)
    with writing(session):
        session.execute(delete(XeroSearch).where(*same).execution_options(synchronize_session=False))
        session.add(
            XeroSearch(
                business_id=claim.business_id,
                id=new_id(),
                tenant_id=claim.connection.tenant_id,
                contact_id=item.contact_id,
                term=item.values["name"][:TERM_MAX],
                asked_at=now,
                answered_at=now,
                results=[[str(xero_id), copy.to_json()] for xero_id, copy in found[:RESULTS_MAX]],
            )
        )
