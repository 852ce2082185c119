"""The kinds of faults: their labels on the faults page, the calls they meet, and their defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_FAULT_SECONDS = 300.0  # seconds; no connection is held longer by a fault
ACCOUNTING_PATH = "/api.xro/"
CONTACTS_PATH = "/api.xro/2.0/Contacts"
INVOICES_PATH = "/api.xro/2.0/Invoices"
WRITE_METHODS = frozenset({"POST", "PUT"})
READ_METHODS = frozenset({"GET"})


@dataclass(frozen=True)
class FaultKind:
    """One kind of fault. `methods` empty: any; `pages_only`: a page of a list, not a read by IDs.

    `path` is the default of a fault; one that is met by contacts can be aimed at invoices, too.
    """

    label: str
    path: str = ACCOUNTING_PATH
    methods: frozenset[str] = frozenset()
    pages_only: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def can_apply_to(self, method: str = "", path: str = "") -> bool:
        """Return whether calls of a method ("" for any) and a path ("" for the kind's own) can meet this fault."""
        paths = {CONTACTS_PATH, INVOICES_PATH} if self.path == CONTACTS_PATH else {self.path}
        is_path_fit = self.path == ACCOUNTING_PATH or any(
            path.startswith(each) or each.startswith(path) for each in paths
        )
        return is_path_fit and (not method or not self.methods or method in self.methods)


REFUSAL_KINDS = {
    "429": FaultKind("Answer 429, too many requests"),
    "500": FaultKind("Answer 500, an error of Xero's own"),
    "503": FaultKind("Answer 503, offline for maintenance"),
    "401": FaultKind("Answer 401, although the access token is good"),
    "missing_organisation": FaultKind(
        "Leave the organisation out of the list of connections", "/connections", READ_METHODS
    ),
}
DELAY_KINDS = {
    "slow": FaultKind("Take 5 seconds, then answer", defaults={"seconds": 5.0}),
    "drop_before": FaultKind("Drop the connection before doing the work"),
    "drop_after": FaultKind("Do the work, then drop the connection without an answer"),
    "hang_after": FaultKind("Do the work, then never answer"),
    "late": FaultKind("Do not answer, and save the change only when told to", CONTACTS_PATH, WRITE_METHODS),
}
ALTERED_ANSWER_KINDS = {
    "fewer": FaultKind("Leave a contact or invoice out of the answer", CONTACTS_PATH, defaults={"elements": 1}),
    "more": FaultKind("Add a contact or invoice that nobody asked for", CONTACTS_PATH),
    "other_id": FaultKind("Answer with the id of another contact or invoice", CONTACTS_PATH),
    "other_number": FaultKind("Answer with another number", CONTACTS_PATH),
    "reordered": FaultKind("Answer in another order", CONTACTS_PATH),
    "repeated": FaultKind("Answer with one contact or invoice twice", CONTACTS_PATH),
    "short_page": FaultKind("Answer only half of a page", CONTACTS_PATH, READ_METHODS, pages_only=True),
}
TRANSPORT_KINDS = {
    "header_drip": FaultKind("Send the header of the answer byte by byte"),
    "body_drip": FaultKind("Send the body of the answer byte by byte"),
    "empty_gzip": FaultKind("Send compressed blocks without end that hold nothing", defaults={"every": 0.05}),
    "early_hints": FaultKind("Send “103 Early Hints” without end", defaults={"every": 0.05}),
    "huge": FaultKind("Send an answer of 40 MB"),
}
KIND_GROUPS = {
    "Refusals": REFUSAL_KINDS,
    "No answer, or a late one": DELAY_KINDS,
    "Answers that are not right": ALTERED_ANSWER_KINDS,
    "Answers that do not end": TRANSPORT_KINDS,
}
KINDS = REFUSAL_KINDS | DELAY_KINDS | ALTERED_ANSWER_KINDS | TRANSPORT_KINDS
