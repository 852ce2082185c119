"""Contacts of the Accounting API, and the history of one."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from posxero.xero.api import Api
from posxero.xero.decoding import decode
from posxero.xero.errors import OutcomeUnknown, Unavailable
from posxero.xero.pages import ContactsPage, parse_page
from posxero.xero.shapes import Contact, Contacts, HistoryRecord, HistoryRecords

MAX_ELEMENTS = 50  # contacts a POST; Xero's "Requests and responses" recommends no more
MAX_IDS = 40  # ids a GET, which keep the length of its address legal; the same page
REPORT_EACH_ELEMENT = {"summarizeErrors": "false"}  # an outcome for each element, and always 200


def if_modified_since(at: datetime | None) -> dict[str, str]:
    """Return the header that asks for what changed since a time, in whole seconds; none without one."""
    return {} if at is None else {"If-Modified-Since": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")}


class ContactsApi(Api):
    """Every method makes exactly one call; `Api` says what each raises."""

    def contacts_page(self, page: int, page_size: int, *, modified_since: datetime | None = None) -> ContactsPage:
        """Read one page in the order of ids, from 1, archived contacts too.

        Xero compares `modified_since` in whole seconds: let it overlap.

        Raises:
            Incomplete: The page holds less than it says.
        """
        params = {"page": page, "pageSize": page_size, "order": "ContactID", "includeArchived": True}
        answer = self._call("GET", "/Contacts", params=params, headers=if_modified_since(modified_since))
        return parse_page(answer.body, page, page_size, is_full_walk=modified_since is None)

    def contacts_by_ids(self, ids: Sequence[UUID]) -> list[Contact]:
        """Read up to 40 contacts, archived ones too, in any order.

        Xero leaves out an id that it does not have, and may leave out one that it has: read it alone before a contact
        counts as missing.
        """
        if not 0 < len(ids) <= MAX_IDS:
            raise ValueError(f"{len(ids)} ids; one call takes 1 to {MAX_IDS}")
        return self._contacts({"IDs": ",".join(map(str, ids)), "page": 1, "pageSize": 100, "includeArchived": True})

    def contact_by_id(self, contact_id: UUID) -> Contact | None:
        """Read one contact by its own address, archived or not; None when the answer holds none.

        Raises:
            Missing: Xero does not have it. (A list that lacks it does not say so.)
        """
        answer = self._call("GET", f"/Contacts/{contact_id}")
        return next(iter(decode(answer.body, Contacts).contacts or []), None)

    def contacts_by_number(self, number: str) -> list[Contact]:
        """Find contacts by ContactNumber, archived ones too.

        Raises:
            ValueError: It holds a quote or backslash, which Xero's filters have no way to write.
        """
        if '"' in number or "\\" in number:
            raise ValueError("a number with a quote or backslash cannot be searched for")
        return self._contacts({"where": f'ContactNumber=="{number}"', "page": 1, "includeArchived": True})

    def contacts_by_term(self, term: str, page_size: int) -> list[Contact]:
        """Find contacts whose name, email or number contains a term, archived ones too; at most a page of them."""
        params = {"searchTerm": term, "page": 1, "pageSize": page_size, "includeArchived": True}
        return self._contacts(params)

    def post_contacts(self, elements: Sequence[Mapping[str, Any]]) -> list[Contact]:
        """Update contacts; each element carries its ContactID.

        Returns:
            Xero's elements; match them to what was sent by `Contact.contact_id`, since one may be left out or
            repeated. `Contact.is_written` says whether it was carried out.

        Raises:
            ValueError: An element has no ContactID (Xero would match by name and overwrite another), or too many.
        """
        if not 0 < len(elements) <= MAX_ELEMENTS or not all(element.get("ContactID") for element in elements):
            raise ValueError(f"1 to {MAX_ELEMENTS} elements, each with its ContactID")
        return self._write_contacts("POST", elements)

    def put_contact(self, element: Mapping[str, Any], idempotency_key: str) -> Contact:
        """Create a contact; for about six minutes Xero repeats its response to the same key."""
        answers = self._write_contacts("PUT", [element], idempotency_key=idempotency_key)
        if len(answers) != 1:
            raise OutcomeUnknown(f"Xero answered for {len(answers)} contacts instead of one")
        return answers[0]

    def contact_history(self, contact_id: UUID) -> list[HistoryRecord]:
        """Read the history of a contact, the newest entry first."""
        answer = self._call("GET", f"/Contacts/{contact_id}/History")
        return decode(answer.body, HistoryRecords).history_records or []

    def put_contact_history(
        self, contact_id: UUID, element: Mapping[str, Any], *, idempotency_key: str
    ) -> HistoryRecord:
        """Add a note to the history of a contact; nothing changes or deletes one."""
        path, body = f"/Contacts/{contact_id}/History", {"HistoryRecords": [element]}
        answer = self._write("PUT", path, body, idempotency_key=idempotency_key)
        try:
            records = decode(answer.body, HistoryRecords).history_records or []
        except Unavailable as error:
            raise OutcomeUnknown(str(error)) from error
        if len(records) != 1:
            raise OutcomeUnknown(f"Xero answered for {len(records)} notes instead of one")
        return records[0]

    def _contacts(self, params: Mapping[str, Any]) -> list[Contact]:
        return decode(self._call("GET", "/Contacts", params=params).body, Contacts).contacts or []

    def _write_contacts(
        self, method: str, elements: Sequence[Mapping[str, Any]], *, idempotency_key: str = ""
    ) -> list[Contact]:
        body = {"Contacts": elements}
        answer = self._write(method, "/Contacts", body, params=REPORT_EACH_ELEMENT, idempotency_key=idempotency_key)
        try:
            written = decode(answer.body, Contacts).contacts or []
        except Unavailable as error:
            raise OutcomeUnknown(str(error)) from error
        if not written:
            raise OutcomeUnknown(f"Xero answered for 0 of {len(elements)} contacts")
        return written
