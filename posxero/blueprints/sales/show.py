"""One sale: its lines, where it stands in Xero, and what can be done about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Self
from uuid import UUID

from flask import g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.sales import bp
from posxero.db.activity import Activity
from posxero.db.contact import Contact
from posxero.db.sale import Sale, SalePayment
from posxero.db.session import db
from posxero.domain.enums import ConnectionState, LinkState, Right, SaleStatus, SyncState
from posxero.domain.refusals import CURED_IN_SETTINGS
from posxero.domain.states import Badge
from posxero.ports import current_ports
from posxero.services.push import retry
from posxero.services.push.kinds.contact_reasons import split
from posxero.services.sales import queries, states
from posxero.services.sync_status.connection_status import ConnectionStatus
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.numbers import parse_int
from posxero.web.request_time import request_time, shop_today
from posxero.web.sign_in import allowed, current_user
from posxero.web.sync_messages import badge_detail
from posxero.web.sync_status import connection_status

MAX_POLLS = 40  # every 3 s: a badge stops asking after two minutes


@dataclass(frozen=True)
class SalePage:
    """One sale, as its page shows it at a moment."""

    sale: Sale
    contact: Contact
    status: ConnectionStatus
    polls: int = 0

    @classmethod
    def of(cls, sale_id: UUID, *, polls: int = 0) -> Self:
        """Load a sale of the signed-in person's business.

        Raises:
            NotFound: It is not there, or it is another business's.
        """
        sale, contact = queries.get_with_lines(db.session, g.business.id, sale_id)
        return cls(sale, contact, connection_status(), polls)

    @cached_property
    def badge(self) -> Badge:
        """Its state in Xero."""
        return states.badge_of(self.sale, self.status, request_time())

    @cached_property
    def obstacle(self) -> str:
        """Why its customer keeps it from Xero; "" when nothing does."""
        return states.load_obstacle(db.session, self.sale)

    @property
    def detail(self) -> str:
        """The sentences beside the badge."""
        if self.obstacle or self.is_parked:
            return ""
        return badge_detail(
            SyncState.SYNCED if self.is_settled else self.badge.state, self.sale, self.status, request_time()
        )

    @property
    def is_settled(self) -> bool:
        """Whether nothing is owed to Xero."""
        return self.badge.label in {states.IN_XERO, states.VOIDED}

    @property
    def is_parked(self) -> bool:
        """Whether a person must change something before it is sent."""
        return self.sale.state is not LinkState.ACTIVE

    @property
    def reason(self) -> tuple[str, str]:
        """Why it was not sent, and Xero's own words."""
        return split(self.sale.reason)

    @property
    def needs_settings(self) -> bool:
        """Whether the reason asks for another choice in Settings."""
        return self.sale.refused_as in CURED_IN_SETTINGS

    @property
    def unsettled(self) -> bool:
        """Whether the badge may soon change unasked."""
        connected = self.status.connection is not None and self.status.connection.state is ConnectionState.CONNECTED
        return connected and self.badge.state in {SyncState.WAITING, SyncState.PAUSED} and not self.obstacle

    @property
    def differences(self) -> list[str]:
        """What Xero has otherwise, in sentences."""
        return states.differences_in_xero(self.sale)

    @cached_property
    def payments(self) -> Sequence[SalePayment]:
        """What was paid on it and credited in Xero."""
        return queries.payments(db.session, self.sale)

    @property
    def due_on(self) -> date:
        """When it is due: by Xero, where that was read."""
        return self.sale.xero_due_on or self.sale.due_on

    @property
    def is_overdue(self) -> bool:
        """Whether something is due of it since yesterday or longer."""
        return self.sale.amount_due > 0 and self.due_on < shop_today()

    @property
    def may_void(self) -> bool:
        """Whether the person may void it."""
        return self.sale.status is SaleStatus.OPEN and current_user.may(Right.MANAGE)

    @property
    def xero_url(self) -> str:
        """The address of the invoice in Xero; "" when Xero has none."""
        connection = self.status.connection
        if connection is None or self.sale.xero_id is None:
            return ""
        base = current_ports().settings.xero.web_url
        if not connection.short_code:  # the older address finds it in the organisation that was used last
            return f"{base}/AccountsReceivable/View.aspx?InvoiceID={self.sale.xero_id}"
        return f"{base}/app/{connection.short_code}/invoicing/view/{self.sale.xero_id}"

    @property
    def history(self) -> Sequence[Activity]:
        """What happened to it, the newest first."""
        return queries.history(db.session, self.sale)


@bp.get("/sales/<uuid:sale_id>")
@allowed(Right.READ)
def show(sale_id: UUID) -> ResponseReturnValue:
    """Show a sale."""
    return render("sales/show.html", block={f"sale-{sale_id}": "sale"}, page=SalePage.of(sale_id), polls_max=MAX_POLLS)


@bp.get("/sales/<uuid:sale_id>/status")
@allowed(Right.READ, polls=True)
def status(sale_id: UUID) -> ResponseReturnValue:
    """Answer the sale while it is on its way to Xero."""
    if not request.htmx.partial:
        return go_to(url_for(".show", sale_id=sale_id))
    polls = min(parse_int(request.args.get("polls"), MAX_POLLS), MAX_POLLS)
    return render("sales/show.html", block="sale", page=SalePage.of(sale_id, polls=polls), polls_max=MAX_POLLS)


@bp.get("/sales/<uuid:sale_id>/receipt")
@allowed(Right.READ)
def receipt(sale_id: UUID) -> ResponseReturnValue:
    """Show a sale plainly, to be printed."""
    return render("sales/receipt.html", page=SalePage.of(sale_id))


@bp.post("/sales/<uuid:sale_id>/try-again")
@allowed(Right.EDIT)
def try_again(sale_id: UUID) -> ResponseReturnValue:
    """Push a sale once more."""
    jobs = current_ports().jobs
    retry.try_again(db.session, g.business.id, sale_id, by=current_user.name, now=request_time(), jobs=jobs)
    toast("Trying again.", "info")
    return go_to(url_for(".show", sale_id=sale_id), stay=True)
