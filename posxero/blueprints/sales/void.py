"""Voiding a sale: asked on a page of its own, which works without JavaScript."""

from uuid import UUID

from flask import g, redirect, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.sales import bp
from posxero.blueprints.sales.show import SalePage
from posxero.db.session import db
from posxero.domain.enums import Right, SaleStatus
from posxero.ports import current_ports
from posxero.services.sales import voiding
from posxero.services.sales.errors import CannotVoid
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user


@bp.route("/sales/<uuid:sale_id>/void", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def void(sale_id: UUID) -> ResponseReturnValue:
    """Ask, then void a sale."""
    if request.method == "GET":
        page = SalePage.of(sale_id)
        if page.sale.status is SaleStatus.VOIDED:
            return redirect(url_for(".show", sale_id=sale_id), 303)
        refusal = voiding.HAS_MONEY if page.sale.paid or page.sale.credited else ""
        return render("sales/void.html", page=page, sale=page.sale, contact=page.contact, refusal=refusal)
    try:
        voiding.void(
            db.session, g.business.id, sale_id, by=current_user.name, now=request_time(), jobs=current_ports().jobs
        )
    except CannotVoid as refusal:
        toast(str(refusal), "warn")
    else:
        toast("Sale voided.")
    return go_to(url_for(".show", sale_id=sale_id))
