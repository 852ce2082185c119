"""The list of sales: filtered by status, customer and day, with totals, by pages that are each as fast as the first."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.sales import bp
from posxero.db.sale import Sale
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.domain.field_rules import parse_date
from posxero.domain.states import Badge
from posxero.services.contacts import contacts
from posxero.services.sales import balances, queries
from posxero.services.sales.queries import PAGE_SIZE, SaleFilter, StatusFilter
from posxero.services.sales.states import badge_of
from posxero.web.htmx import render, request
from posxero.web.numbers import parse_uuid
from posxero.web.request_time import request_time, shop_today
from posxero.web.sign_in import allowed
from posxero.web.sync_status import connection_status

CHOICES = [("", "Any status"), *((one.value, one.label) for one in StatusFilter)]


@bp.get("/sales")
@allowed(Right.READ)
def index() -> ResponseReturnValue:
    """Show one page of the list."""
    chosen = _chosen()
    found = queries.page(db.session, g.business.id, chosen, before=parse_uuid(request.args.get("before")))
    rows = [(sale, name, _badge(sale)) for sale, name in found[:PAGE_SIZE]]
    older = _address(chosen, rows[-1][0].id) if len(found) > PAGE_SIZE else ""
    return render(
        "sales/index.html",
        block={"results": "results"},
        chosen=chosen,
        choices=CHOICES,
        rows=rows,
        older=older,
        newest=_address(chosen) if request.args.get("before") else "",
        **_summary(chosen),
    )


def _summary(chosen: SaleFilter) -> dict[str, Any]:
    """Return what the sales come to: all of a day, of a customer, or overdue; else only what is owed."""
    business_id, customer_id = g.business.id, chosen.contact_id
    is_narrow = customer_id is not None or chosen.day is not None or chosen.is_overdue
    return {
        "customer": contacts.get(db.session, business_id, customer_id) if customer_id else None,
        "totals": queries.totals(db.session, business_id, chosen) if is_narrow else None,
        "owes": balances.owes(db.session, business_id, customer_id),
    }


def _badge(sale: Sale) -> Badge:
    return badge_of(sale, connection_status(), request_time())


def _chosen() -> SaleFilter:
    status = request.args.get("status", "")
    return SaleFilter(
        status=StatusFilter(status) if status in set(StatusFilter) else None,
        contact_id=parse_uuid(request.args.get("customer")),
        day=_day(),
        today=shop_today(),
    )


def _day() -> date | None:
    return parse_date(request.args.get("day", ""))


def _address(chosen: SaleFilter, last: UUID | None = None) -> str:
    """Return the address of the first page of a list, or of the one after a sale."""
    asked = {
        "status": chosen.status.value if chosen.status else "",
        "customer": str(chosen.contact_id or ""),
        "day": chosen.day.isoformat() if chosen.day else "",
        "before": str(last or ""),
    }
    return url_for(".index", **{key: value or None for key, value in asked.items()})  # type: ignore[arg-type]  # None leaves a key out
