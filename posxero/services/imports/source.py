"""Where an import's pages come from."""

from datetime import datetime
from typing import Protocol

from posxero.db.connection import Connection
from posxero.services.imports.lease import ImportLease
from posxero.services.xero_connection import grants
from posxero.xero.pages import ContactsPage
from posxero.xero.ports import XeroPorts


class Source(Protocol):
    """Gives the contacts of an organisation page by page."""

    def contacts_page(self, page: int, page_size: int, *, modified_since: datetime | None) -> ContactsPage:
        """Read one page, 1 the first, in the order of ids, archived contacts included.

        Raises:
            XeroError: It cannot be read now, or at all.
        """


class XeroSource:
    """Reads from Xero with a good token each time, leaving the part of the limits that is kept for people's saves."""

    def __init__(self, lease: ImportLease, connection: Connection, ports: XeroPorts) -> None:
        self._turn = lease
        self._connection = connection
        self._ports = ports

    def contacts_page(self, page: int, page_size: int, *, modified_since: datetime | None) -> ContactsPage:
        """Read one page; a token that ran out meanwhile is refreshed. Ends the session's transaction."""
        return grants.call(
            self._turn.session,
            self._connection,
            self._ports,
            lambda client: client.contacts_page(page, page_size, modified_since=modified_since),
            now=self._turn.clock(),
            reserve=True,
        )
