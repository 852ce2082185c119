"""Making two customers one, and undoing that."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from flask import g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp, forms
from posxero.blueprints.customers.contact_kind import contact_kind
from posxero.db.contact import Contact
from posxero.db.session import db
from posxero.domain.diff import Difference
from posxero.domain.enums import Right
from posxero.domain.query import LENGTH_MAX
from posxero.ports import current_ports
from posxero.services.contacts import contacts
from posxero.services.contacts.duplicates import known
from posxero.services.contacts.emptied_fields import WouldEmpty
from posxero.services.contacts.search import results
from posxero.services.contacts.search.results import ListQuery
from posxero.services.merging import checks, queries
from posxero.services.merging import merge as merging
from posxero.services.merging import undo as undoing
from posxero.services.merging.checks import MergeForm
from posxero.services.merging.choices import Comparison
from posxero.services.merging.errors import CannotMerge, CannotUndoMerge, ChangedMeanwhile
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.numbers import parse_int, parse_uuid
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user
from posxero.web.sync_status import connection_status

THEIRS = "theirs"  # `keep_<key>` of a field whose value comes from the customer that is merged


class MergeOption(NamedTuple):
    """A customer that may be merged into another."""

    id: UUID
    name: str
    email: str = ""


@bp.route("/<uuid:contact_id>/merge", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def merge(contact_id: UUID) -> ResponseReturnValue:
    """Choose the other customer, compare the two, then merge the other one into this one."""
    contact, other = contacts.get(db.session, g.business.id, contact_id), parse_uuid(request.values.get("other"))
    try:
        if other is None:
            return _choose(contact) if request.method == "GET" else go_to(url_for(".merge", contact_id=contact_id))
        return _compare(contact_id, other) if request.method == "GET" else _merge(contact_id, other)
    except CannotMerge as refusal:
        toast(str(refusal), "warn")
        return go_to(url_for(".show", contact_id=contact_id))


@bp.route("/<uuid:contact_id>/merges/<uuid:merge_id>/undo", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def undo_merge(contact_id: UUID, merge_id: UUID) -> ResponseReturnValue:
    """Say what undoing a merge changes; then undo it, and show the customer that is back."""
    if request.method == "GET":
        contact = contacts.get(db.session, g.business.id, contact_id)
        undoable = queries.load_undoable(db.session, contact, merge_id, request_time())
        return render("customers/undo_merge.html", kind=contact_kind(), contact=contact, undoable=undoable)
    return _undo(contact_id, merge_id)


def _undo(contact_id: UUID, merge_id: UUID) -> ResponseReturnValue:
    jobs, by = current_ports().jobs, current_user.name
    try:
        back = undoing.undo(db.session, g.business, merge_id, by=by, now=request_time(), jobs=jobs)
    except CannotUndoMerge as refusal:
        toast(str(refusal), "warn")
        return go_to(url_for(".show", contact_id=contact_id))
    toast(f"Merge undone. {back.name} is a separate {contact_kind().one} again.")
    return go_to(url_for(".show", contact_id=back.id))


def _merge(contact_id: UUID, other: UUID) -> ResponseReturnValue:
    form, jobs = _submitted(contact_id, other), current_ports().jobs
    try:
        merging.merge(db.session, g.business, form, by=current_user.name, now=request_time(), jobs=jobs)
    except ChangedMeanwhile as conflict:
        return _compare(contact_id, other, status=409, problem=str(conflict))
    except WouldEmpty as question:
        return _compare(contact_id, other, status=422, emptied=question.fields)
    survivor = contacts.get(db.session, g.business.id, contact_id)
    toast(f"Merged into {survivor.name}. You can undo this for 30 days.")
    return go_to(url_for(".show", contact_id=contact_id))


def _submitted(contact_id: UUID, other: UUID) -> MergeForm:
    typed = request.form
    return MergeForm(
        survivor_id=contact_id,
        loser_id=other,
        seen=(parse_int(typed.get("version"), 0), parse_int(typed.get("other_version"), 0)),
        chosen=[name.removeprefix("keep_") for name, value in typed.items() if value == THEIRS],
        empty_fields=forms.chosen_for_empty_fields(),
    )


def _compare(
    contact_id: UUID, other: UUID, *, status: int = 200, problem: str = "", emptied: Sequence[Difference] = ()
) -> ResponseReturnValue:
    """Show the two beside each other, with what was chosen so far."""
    survivor, loser = checks.load_both(db.session, g.business.id, contact_id, other)
    tenant_id = connection_status().tenant_id
    return render(
        "customers/merge.html",
        status=status,
        kind=contact_kind(),
        survivor=survivor,
        loser=loser,
        comparison=Comparison.of(survivor, loser),
        chosen=request.form,
        sales=queries.count_sales(db.session, loser),
        both_in_xero=queries.are_both_in_xero(db.session, survivor, loser, tenant_id),
        problem=problem,
        emptied=emptied,
    )


def _choose(contact: Contact) -> ResponseReturnValue:
    """Search the customer that is merged into this one; before anything is typed, those that look alike."""
    typed = request.args.get("find", "")[:LENGTH_MAX]
    return render(
        "customers/merge_with.html",
        block={"results": "results"},
        kind=contact_kind(),
        contact=contact,
        typed=typed,
        rows=[row for row in _found(contact, typed) if row.id != contact.id],
    )


def _found(contact: Contact, typed: str) -> list[MergeOption]:
    if not typed:
        alike = known.find(db.session, g.business, contacts.values_of(contact))
        return [MergeOption(one.id, one.name) for one in alike]
    asked = ListQuery(contact_kind(), typed=typed)
    found = results.find(db.session, g.business.id, asked, connection_status(), request_time())
    return [MergeOption(row.id, row.name, row.email) for row in found.rows]
