"""What the frame of every page shows: the tab, the business, the person, the connection."""

from datetime import datetime

from flask import Flask, g

from posxero.db.connection import Connection
from posxero.domain.enums import ConnectionState, Right
from posxero.web.delays import delays
from posxero.web.htmx import request
from posxero.web.sign_in import current_user
from posxero.web.sync_status import connection_status

SECTIONS = {"imports": "customers", "xero": "settings", "styleguide": ""}  # the rest name their own tab


class Shell:
    """Read only when a page draws it: fragments ask the database nothing for it."""

    @property
    def section(self) -> str:
        """The tab of this page."""
        name = request.blueprint or ""
        return SECTIONS.get(name, name)

    @property
    def business_name(self) -> str:
        """The signed-in person's business; "" for nobody."""
        return g.business.name if "business" in g else ""

    @property
    def user_name(self) -> str:
        """The signed-in person; "" for nobody."""
        return current_user.name if "business" in g else ""

    @property
    def user_role(self) -> str:
        """The person's role, as the screen names it."""
        return current_user.role.label if "business" in g else ""

    @property
    def security_alert_at(self) -> datetime | None:
        """When many wrong passwords were entered; None for those who are no owners, and once it was seen."""
        return g.business.security_alert_at if current_user.may(Right.OWN) else None

    @property
    def organisation(self) -> str:
        """The connected Xero organisation; "" without one."""
        return self._connection.name if self._connection else ""

    @property
    def connection(self) -> str:
        """Its state: connected, lost or none."""
        return self._connection.state.value if self._connection else "none"

    @property
    def failed(self) -> int:
        """How many customers Xero did not get."""
        return connection_status().failed if self._connection else 0

    @property
    def delays(self) -> list[str]:
        """What is delayed because a process does not run: for the owner, who can have it started."""
        return delays() if current_user.may(Right.OWN) else []

    @property
    def _connection(self) -> Connection | None:
        found = connection_status().connection if "business" in g else None
        return found if found and found.state is not ConnectionState.ENDED else None


def init_app(app: Flask) -> None:
    """Give every template its `shell`."""

    @app.context_processor
    def _shell() -> dict[str, Shell]:
        return {"shell": Shell()}
