"""A page of contacts is believed only where it holds what it says it must, told by ids and by count."""

from dataclasses import dataclass

from posxero.xero.decoding import decode
from posxero.xero.errors import Incomplete
from posxero.xero.shapes import Contact, Contacts, Pagination


@dataclass(frozen=True, slots=True)
class ContactsPage:
    """One page of a walk. `item_count` is how many contacts the walk has in all, as this page says."""

    contacts: list[Contact]
    page_count: int
    item_count: int
    bytes: int


def read_page(body: bytes, number: int, size: int, *, whole: bool) -> ContactsPage:
    """Read an answer of ``GET /Contacts?page=…&pageSize=…``.

    Args:
        body: The answer.
        number: Of the page that was asked for, from 1.
        size: Contacts a page that were asked for; Xero may give fewer, and says so.
        whole: Every contact is walked, not only those that changed: then page 1 must say how many there are.

    Raises:
        Incomplete: It lacks its list, its count, or contacts that it says it has.
        Unavailable: It cannot be read.
    """
    read = decode(body, Contacts)
    if read.contacts is None:
        raise Incomplete("Xero's answer has no list of contacts")
    said = read.pagination
    if said is None:
        if whole and number == 1:
            raise Incomplete("Xero did not say how many contacts there are")
        return _uncounted(read.contacts, number, size, len(body))
    _check(read.contacts, said, number, said.page_size or size)
    return ContactsPage(read.contacts, said.page_count, said.item_count, len(body))


def _check(contacts: list[Contact], said: Pagination, number: int, size: int) -> None:
    if said.page not in {0, number}:
        raise Incomplete(f"Xero gave page {said.page} in place of page {number}")
    if said.page_count * size < said.item_count:
        raise Incomplete(f"{said.page_count} pages of {size} cannot hold {said.item_count} contacts")
    due = min(size, max(said.item_count - (number - 1) * size, 0))
    found = len({contact.contact_id for contact in contacts if contact.contact_id.int})
    if found < due:
        raise Incomplete(f"page {number} holds {found} of {due} contacts")


def _uncounted(contacts: list[Contact], number: int, size: int, length: int) -> ContactsPage:
    """Count a page that says nothing of the whole: a full one is followed by another."""
    more = len(contacts) >= size
    return ContactsPage(contacts, number + more, (number - 1) * size + len(contacts), length)
