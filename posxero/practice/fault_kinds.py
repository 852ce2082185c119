"""The kinds of faults: their words on the faults page, the calls they meet, and their defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LONGEST = 300.0  # seconds; no connection is held longer by a fault
ACCOUNTING = "/api.xro/"
CONTACTS = "/api.xro/2.0/Contacts"
WRITES = frozenset({"POST", "PUT"})
READS = frozenset({"GET"})


@dataclass(frozen=True)
class Kind:
    """One kind of fault. `methods` empty: any; `pages_only`: a page of a list, not a read by IDs."""

    words: str
    path: str = ACCOUNTING
    methods: frozenset[str] = frozenset()
    pages_only: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def can_meet(self, method: str = "", path: str = "") -> bool:
        """Return whether calls of a method ("" for any) and a path ("" for the kind's own) can meet such a fault."""
        is_path_fit = self.path == ACCOUNTING or path.startswith(self.path) or self.path.startswith(path)
        return is_path_fit and (not method or not self.methods or method in self.methods)


REFUSALS = {
    "429": Kind("Answer 429, too many requests"),
    "500": Kind("Answer 500, an error of Xero's own"),
    "503": Kind("Answer 503, offline for maintenance"),
    "401": Kind("Answer 401, although the access token is good"),
    "missing_organisation": Kind("Leave the organisation out of the list of connections", "/connections", READS),
}
DELAYS = {
    "slow": Kind("Take 5 seconds, then answer", defaults={"seconds": 5.0}),
    "drop_before": Kind("Drop the connection before doing the work"),
    "drop_after": Kind("Do the work, then drop the connection without an answer"),
    "hang_after": Kind("Do the work, then never answer"),
    "late": Kind("Do not answer, and save the change only when told to", CONTACTS, WRITES),
}
ALTERED_ANSWERS = {
    "fewer": Kind("Leave a contact out of the answer", CONTACTS, defaults={"elements": 1}),
    "more": Kind("Add a contact that nobody asked for", CONTACTS),
    "other_id": Kind("Answer with the ContactID of another contact", CONTACTS),
    "other_number": Kind("Answer with another ContactNumber", CONTACTS),
    "reordered": Kind("Answer with the contacts in another order", CONTACTS),
    "repeated": Kind("Answer with one contact twice", CONTACTS),
    "short_page": Kind("Answer a page with only half of its contacts", CONTACTS, READS, pages_only=True),
}
TRANSPORT = {
    "header_drip": Kind("Send the header of the answer byte by byte"),
    "body_drip": Kind("Send the body of the answer byte by byte"),
    "empty_gzip": Kind("Send compressed blocks without end that hold nothing", defaults={"every": 0.05}),
    "early_hints": Kind("Send “103 Early Hints” without end", defaults={"every": 0.05}),
    "huge": Kind("Send an answer of 40 MB"),
}
GROUPS = {
    "Refusals": REFUSALS,
    "No answer, or a late one": DELAYS,
    "Answers that are not right": ALTERED_ANSWERS,
    "Answers that do not end": TRANSPORT,
}
KINDS = REFUSALS | DELAYS | ALTERED_ANSWERS | TRANSPORT
