"""What the layout around every page shows: the tab, the business, the user, the connection."""

from datetime import datetime

from flask import Flask, g

from posxero.db.connection import Connection
from posxero.domain.enums import ConnectionState, Right
from posxero.domain.kinds import ContactKind
from posxero.services.push.feed.counts import count_not_sent
from posxero.web.delays import delays
from posxero.web.htmx import request
from posxero.web.sign_in import current_user
from posxero.web.sync_status import connection_status

TAB_OF_BLUEPRINT = {
    "fields": "settings",
    "imports": "customers",
    "links": "sync",
    "xero": "settings",
    "styleguide": "",
}  # the others are a tab each


class PageLayout:
    """The values of the layout. Each is loaded when a template reads it, so fragments load none."""

    @property
    def tab(self) -> str:
        """The current tab."""
        name = request.blueprint or ""
        if name == "imports" and request.args.get("kind") == ContactKind.SUPPLIER:
            return ContactKind.SUPPLIER.many
        return TAB_OF_BLUEPRINT.get(name, name)

    @property
    def business_name(self) -> str:
        """The business of the signed-in user; "" for nobody."""
        return g.business.name if "business" in g else ""

    @property
    def user_name(self) -> str:
        """The signed-in user; "" for nobody."""
        return current_user.name if "business" in g else ""

    @property
    def user_role(self) -> str:
        """The label of the user's role; "" for nobody."""
        return current_user.role.label if "business" in g else ""

    @property
    def security_alert_at(self) -> datetime | None:
        """When many wrong passwords were entered; None for others than owners, and once acknowledged."""
        return g.business.security_alert_at if current_user.may(Right.OWN) else None

    @property
    def organisation(self) -> str:
        """The connected Xero organisation; "" without one."""
        return self._connection.name if self._connection else ""

    @property
    def connection(self) -> str:
        """The state of the connection: connected, lost or none."""
        return self._connection.state.value if self._connection else "none"

    @property
    def failed(self) -> int:
        """How much was not sent to Xero, whatever its kind."""
        return count_not_sent(connection_status()) if self._connection else 0

    @property
    def delays(self) -> list[str]:
        """Sentences about what is delayed because a process does not run; for owners, who can have it started."""
        return delays() if current_user.may(Right.OWN) else []

    @property
    def _connection(self) -> Connection | None:
        found = connection_status().connection if "business" in g else None
        return found if found and found.state is not ConnectionState.ENDED else None


def init_app(app: Flask) -> None:
    """Pass `layout` to every template."""

    @app.context_processor
    def _layout() -> dict[str, PageLayout]:
        return {"layout": PageLayout()}
