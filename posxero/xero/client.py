"""Calls to one organisation with one access token. Never sleeps, never tries again: its callers write down when."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
import msgspec
import structlog

from posxero.xero.errors import Limited, OutcomeUnknown, Unavailable
from posxero.xero.exchange import Answer, exchange
from posxero.xero.limits import Limits
from posxero.xero.pages import ContactsPage, read_page
from posxero.xero.refusals import refusal
from posxero.xero.shapes import Contact, Contacts, Organisation, Organisations
from posxero.xero.wire import decode

BATCH = 50  # contacts a POST; Xero's "Requests and responses" recommends no more
IDS = 40  # ids a GET, so that its address stays legal; the same page
EACH = {"summarizeErrors": "false"}  # an answer for each element, and always 200

log = structlog.get_logger(__name__)


class XeroClient:
    """Every method makes exactly one call.

    Raises (each method):
        Limited: A limit, ours or Xero's; nothing was done.
        Unreachable: Nothing was sent.
        Unavailable, TooSlow: A read got no good answer.
        OutcomeUnknown: A write got no good answer, or one too large to be read.
        Refused, Missing, TooLarge: Xero said no, or the answer to a read is too large.
        TokenExpired: Refresh, and call again with a new client.
        AccessDenied: Ask /connections whether the organisation is still ours (`services.xero_connection.grants` does).
        ConsentLost: Only a new consent helps.
    """

    def __init__(
        self,
        http: httpx2.Client,
        api_url: str,
        tenant_id: UUID,
        access_token: str,
        limits: Limits,
        *,
        reserve: bool = False,
    ) -> None:
        """Take what a call needs; `reserve` leaves people's part of the limits alone (imports, polls)."""
        self._http = http
        self._base = f"{api_url}/api.xro/2.0"
        self._tenant_id = tenant_id
        self.access_token = access_token
        self._limits = limits
        self._reserve = reserve
        self._headers = {
            "Authorization": f"Bearer {access_token}",
            "xero-tenant-id": str(tenant_id),
            "Accept": "application/json",
        }

    def contacts_page(
        self,
        page: int,
        page_size: int,
        *,
        modified_since: datetime | None = None,
        include_archived: bool = True,
    ) -> ContactsPage:
        """Read one page in the order of ids, 1 the first. `modified_since` counts in whole seconds: overlap.

        Raises:
            Incomplete: The page holds less than it says.
        """
        params = {"page": page, "pageSize": page_size, "order": "ContactID", "includeArchived": include_archived}
        headers = {}
        if modified_since is not None:
            headers["If-Modified-Since"] = modified_since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        answer = self._call("GET", "/Contacts", params=params, headers=headers)
        return read_page(answer.body, page, page_size, whole=modified_since is None)

    def contacts_by_ids(self, ids: Sequence[UUID]) -> list[Contact]:
        """Read up to 40 contacts, archived ones too, in any order.

        An id that Xero does not have is left out, and so may be one that it has: before a contact is called missing,
        those left out are asked for again.
        """
        if not 0 < len(ids) <= IDS:
            raise ValueError(f"{len(ids)} ids; one call takes 1 to {IDS}")
        wanted = ",".join(str(one) for one in ids)
        return self._contacts({"IDs": wanted, "page": 1, "pageSize": 100, "includeArchived": True})

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
            raise ValueError("a number with a quote or backslash cannot be looked for")
        return self._contacts({"where": f'ContactNumber=="{number}"', "page": 1, "includeArchived": True})

    def post_contacts(self, elements: Sequence[Mapping[str, Any]]) -> list[Contact]:
        """Update contacts; each element carries its ContactID.

        Returns:
            Xero's answers; match them to what was sent by `Contact.contact_id`, since one may be left out or
            repeated. `Contact.written` tells whether it was done.

        Raises:
            ValueError: An element has no ContactID (Xero would match by name and overwrite another), or too many.
        """
        if not 0 < len(elements) <= BATCH or not all(element.get("ContactID") for element in elements):
            raise ValueError(f"1 to {BATCH} elements, each with its ContactID")
        return self._write("POST", elements)

    def put_contact(self, element: Mapping[str, Any], idempotency_key: str) -> Contact:
        """Create a contact; Xero answers the same key alike for about six minutes."""
        answers = self._write("PUT", [element], {"Idempotency-Key": idempotency_key})
        if len(answers) != 1:
            raise OutcomeUnknown(f"Xero answered for {len(answers)} contacts instead of one")
        return answers[0]

    def organisation(self) -> Organisation:
        """Read the organisation's own details."""
        answer = self._call("GET", "/Organisation")
        organisations = decode(answer.body, Organisations).organisations
        if not organisations or not organisations[0].name:
            raise Unavailable("Xero named no organisation")
        return organisations[0]

    def _contacts(self, params: Mapping[str, Any]) -> list[Contact]:
        return decode(self._call("GET", "/Contacts", params=params).body, Contacts).contacts or []

    def _write(
        self, method: str, elements: Sequence[Mapping[str, Any]], headers: Mapping[str, str] | None = None
    ) -> list[Contact]:
        # In one order of keys: the same Idempotency-Key must go with the same bytes.
        body = msgspec.json.encode({"Contacts": elements}, order="deterministic")
        sent = {"Content-Type": "application/json", **(headers or {})}
        answer = self._call(method, "/Contacts", params=EACH, headers=sent, content=body)
        try:
            written = decode(answer.body, Contacts).contacts or []
        except Unavailable as error:
            raise OutcomeUnknown(str(error)) from error
        if not written:
            raise OutcomeUnknown(f"Xero answered for 0 of {len(elements)} contacts")
        return written

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        request = self._http.build_request(
            method, self._base + path, params=params, headers={**self._headers, **(headers or {})}, content=content
        )
        began = time.monotonic()
        with self._limits.place(self._tenant_id, reserve=self._reserve):
            answer = exchange(self._http, request, deadline=self._limits.lease)
        self._note(method, path, answer, began)
        if answer.good:
            return answer
        error = refusal(answer, reads=method == "GET")
        if isinstance(error, Limited):
            error = Limited(error.why, self._limits.blocked(self._tenant_id, error.why, error.wait))
        raise error

    def _note(self, method: str, path: str, answer: Answer, began: float) -> None:
        self._limits.observe_headers(self._tenant_id, answer.headers)
        log.info(
            "xero.called",
            method=method,
            path=path,
            tenant=str(self._tenant_id),
            status=answer.status,
            ms=round((time.monotonic() - began) * 1000),
            correlation=answer.headers.get("Xero-Correlation-Id", ""),
        )
