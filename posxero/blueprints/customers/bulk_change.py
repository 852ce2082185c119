"""Change all customers of a list: asked first, with their number; then done in steps. What archives can be undone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Response, g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp, list_query
from posxero.blueprints.customers.contact_kind import contact_kind
from posxero.blueprints.customers.label_choices import LabelChoices
from posxero.blueprints.customers.selection import ask_to_select
from posxero.db.session import db
from posxero.domain.enums import ActivityKind, Right
from posxero.services.contacts import archive
from posxero.services.contacts.lists import bulk_change
from posxero.services.contacts.lists.bulk_change import BulkAction, BulkChange, BulkChangeProgress
from posxero.services.contacts.search import results
from posxero.services.contacts.search.results import ListQuery
from posxero.services.contacts.search.statements import ARCHIVED
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.numbers import parse_int, parse_uuid
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user
from posxero.web.sync_status import connection_status

MAX_RUN_TIME: Final = timedelta(hours=1)  # a change that began earlier is started again
PROGRESS_PARAMS: Final = ("act", "after", "changed", "began")  # what a change that is done in part carries along
DONE: Final = {
    BulkAction.ADD_TAG: "Tag {name} added to {count}.",
    BulkAction.REMOVE_TAG: "Tag {name} removed from {count}.",
    BulkAction.SET_GROUP: "Group set for {count}.",
    BulkAction.ARCHIVE: "{count} archived here. Nothing changed in Xero.",
    BulkAction.RESTORE: "{count} restored.",
}
KINDS: Final = {BulkAction.ARCHIVE: ActivityKind.ARCHIVED, BulkAction.RESTORE: ActivityKind.RESTORED}


@bp.route("/change", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def change_all() -> ResponseReturnValue:
    """Ask what to do with all customers of a list, or those selected; then do it."""
    asked = list_query.from_request()
    if asked.selected == ():
        return ask_to_select(asked)
    if request.method == "GET":
        return _ask(asked)
    what = _submitted()
    if what is None:
        return _ask(asked, error="Choose what to do")
    return _change(asked, what)


@bp.post("/undo")
@allowed(Right.MANAGE)
def undo_archive() -> ResponseReturnValue:
    """Take back what the signed-in person archived or restored at a time."""
    act, at = request.args.get("act", ""), _time(request.args.get("at", ""))
    if at is not None and act in {one.value for one in KINDS}:
        by, now = current_user.name, request_time()
        count = archive.undo(db.session, g.business.id, KINDS[BulkAction(act)], at, by=by, now=now)
        toast(f"{_number(count)} {'restored' if act == BulkAction.ARCHIVE else 'archived again'}.")
    return go_to(url_for(".index"))


def undo_url(act: BulkAction, at: datetime) -> str:
    """Return what *Undo* posts to after an act at a time."""
    return url_for(".undo_archive", act=act.value, at=at.isoformat())


def _ask(asked: ListQuery, error: str = "") -> Response:
    """Answer the question; or, where a part is done, how far it is."""
    found = results.find(db.session, g.business.id, replace(asked, page=1), connection_status(), request_time())
    rest = {key: request.args[key] for key in PROGRESS_PARAMS} if request.args.keys() >= set(PROGRESS_PARAMS) else {}
    return render(
        "customers/change_all.html",
        block={"change-all": "question"},
        status=422 if error else 200,
        kind=asked.kind,
        asked=asked,
        total=found.total,
        names=[row.name for row in found.rows] if asked.selected else [],
        options=_options(asked),
        error=error,
        rest=rest,
        address=_address(asked),
        back=_back(asked),
    )


def _change(asked: ListQuery, what: BulkChange) -> ResponseReturnValue:
    """Do a few steps; lead to the rest, or back to the list."""
    last = parse_uuid(request.form.get("after")) or bulk_change.FIRST
    before = BulkChangeProgress(parse_int(request.form.get("changed"), 0), last)
    done = bulk_change.change(db.session, g.business.id, asked, before, what, now=request_time())
    if done.last is None:
        said = DONE[what.act].format(name=what.name, count=_number(done.changed))
        undo = undo_url(what.act, what.at) if what.act in KINDS and done.changed else ""
        toast(said, undo_url=undo)
        return go_to(_back(asked))
    rest = {"act": request.form["act"], "after": str(done.last), "changed": str(done.changed)}
    return go_to(_address(asked, **rest, began=what.at.isoformat()), stay=True)


def _submitted() -> BulkChange | None:
    """Read what to do: an act, and the name of its tag or group after a colon; None for anything else."""
    act, _, name = request.form.get("act", "").partition(":")
    labels, now = LabelChoices.load(), request_time()
    known = {"", *labels.groups.values()} if act == BulkAction.SET_GROUP else {"", *labels.tags.values()}
    if (
        act not in set(BulkAction)
        or name not in known
        or (not name and act in {BulkAction.ADD_TAG, BulkAction.REMOVE_TAG})
    ):
        return None
    began = _time(request.form.get("began", ""))
    at = began if began is not None and now - MAX_RUN_TIME < began < now else now
    return BulkChange(BulkAction(act), name, current_user.name, at)


def _options(asked: ListQuery) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what can be chosen, by its heading: the value and words of each."""
    labels, is_archived = LabelChoices.load(), asked.sync == ARCHIVED
    archiving = (BulkAction.RESTORE, "Restore") if is_archived else (BulkAction.ARCHIVE, "Archive")
    groups = [*((name, name) for name in labels.groups.values()), ("", "No group")] if labels.groups else []
    found = [
        (BulkAction.ADD_TAG, [(name, name) for name in labels.tags.values()]),
        (BulkAction.REMOVE_TAG, [(name, name) for name in labels.tags.values()]),
        (BulkAction.SET_GROUP, groups),
    ]
    named = [(act.label, [(f"{act.value}:{name}", words) for name, words in names]) for act, names in found if names]
    return [*named, ("Archive", [(archiving[0].value, archiving[1])])]


def _address(asked: ListQuery, **rest: str) -> str:
    params = list_query.params_of(asked, page=asked.page)
    return list_query.with_params(url_for(".change_all"), params | rest)


def _back(asked: ListQuery) -> str:
    return list_query.url_of(asked, page=asked.page)


def _number(count: int) -> str:
    kind = contact_kind()
    return f"{count:,} {kind.one if count == 1 else kind.many}"


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
