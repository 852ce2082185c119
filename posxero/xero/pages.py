"""Parse a page of contacts; it is accepted only when it holds the contacts that its own counts promise."""

from dataclasses import dataclass

from posxero.xero.decoding import decode
from posxero.xero.errors import Incomplete
from posxero.xero.shapes import Contact, Contacts, Pagination


@dataclass(frozen=True, slots=True)
class ContactsPage:
    """One page of a walk.

    Attributes:
        contacts: Those of the page.
        page_count: Pages of the walk.
        item_count: Contacts of the whole walk, as this page says.
    """

    contacts: list[Contact]
    page_count: int
    item_count: int

    def is_last(self, number: int, page_size: int) -> bool:
        """Return whether nothing follows the page of this number. A full one that claims to be all is not believed."""
        uncounted = len(self.contacts) >= page_size and self.item_count <= len(self.contacts)
        return number >= self.page_count and not uncounted


def parse_page(body: bytes, page: int, page_size: int, *, is_full_walk: bool) -> ContactsPage:
    """Parse a response of ``GET /Contacts?page=…&pageSize=…``.

    Args:
        body: Of the response.
        page: The number of the page that was asked for, from 1.
        page_size: Contacts a page that were asked for; Xero may give fewer, and says so.
        is_full_walk: Every contact is read, not only those that changed: then page 1 must say how many there are.

    Raises:
        Incomplete: It lacks its list, its count, or contacts that it says it has.
        Unavailable: It cannot be decoded.
    """
    response = decode(body, Contacts)
    if response.contacts is None:
        raise Incomplete("Xero's answer has no list of contacts")
    pagination = response.pagination
    if pagination is None:
        if is_full_walk and page == 1:
            raise Incomplete("Xero did not say how many contacts there are")
        return _uncounted_page(response.contacts, page, page_size)
    _check_counts(response.contacts, pagination, page, pagination.page_size or page_size)
    return ContactsPage(response.contacts, pagination.page_count, pagination.item_count)


def _check_counts(contacts: list[Contact], pagination: Pagination, page: int, page_size: int) -> None:
    if pagination.page not in {0, page}:
        raise Incomplete(f"Xero gave page {pagination.page} in place of page {page}")
    if pagination.page_count * page_size < pagination.item_count:
        counts = f"{pagination.page_count} pages of {page_size} cannot hold {pagination.item_count} contacts"
        raise Incomplete(counts)
    expected = min(page_size, max(pagination.item_count - (page - 1) * page_size, 0))
    received = len({contact.contact_id for contact in contacts if contact.contact_id.int})
    if received < expected:
        raise Incomplete(f"page {page} holds {received} of {expected} contacts")


def _uncounted_page(contacts: list[Contact], page: int, page_size: int) -> ContactsPage:
    """Return a page that does not say how many there are: a full one is followed by another."""
    is_full = len(contacts) >= page_size
    return ContactsPage(contacts, page + is_full, (page - 1) * page_size + len(contacts))
