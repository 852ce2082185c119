"""The buttons of Sync activity. Each leads back to the list from which it was pressed."""

from uuid import UUID

from flask import g
from flask.typing import ResponseReturnValue

from posxero.blueprints.sync import bp
from posxero.blueprints.sync.feed_query import FeedQuery
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.ports import current_ports
from posxero.services.push import retry
from posxero.web.htmx import go_to, toast
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user


@bp.post("/<uuid:address_id>/try-again")
@allowed(Right.EDIT)
def try_again(address_id: UUID) -> ResponseReturnValue:
    """Push one row once more."""
    jobs = current_ports().jobs
    retry.try_again(db.session, g.business.id, address_id, by=current_user.name, now=request_time(), jobs=jobs)
    toast("Trying again.", "info")
    return go_to(FeedQuery.from_request().url(), stay=True)


@bp.post("/try-again")
@allowed(Right.MANAGE)
def try_all_again() -> ResponseReturnValue:
    """Push everything once more that was not sent."""
    jobs = current_ports().jobs
    count = retry.try_all_again(db.session, g.business.id, by=current_user.name, now=request_time(), jobs=jobs)
    toast(f"Trying {count} again." if count else "There is nothing to try again.", "info")
    return go_to(FeedQuery.from_request().url(), stay=True)
