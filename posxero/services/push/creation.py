"""A creation under way: its Idempotency-Key and its body are stored before they are sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from posxero.db.contact import Link

# Xero answers the same key with the same body alike for about six minutes ("Idempotent requests").
KEY_LIFETIME: Final = timedelta(minutes=5)
NO_CREATION: Final[dict[str, Any]] = {"creation_key": "", "creation_body": {}, "creation_started_at": None}


@dataclass(frozen=True, slots=True)
class Creation:
    """One attempt to create a contact in Xero.

    Attributes:
        key: Its Idempotency-Key.
        revision: The contact's revision that the body carries.
        values: The mapped fields that the body carries, by key.
        element: The body: one element of ``Contacts``.
        started_at: When the key was first sent; None when Xero's answer used the key up.
    """

    key: str
    revision: int
    values: Mapping[str, str]
    element: Mapping[str, Any]
    started_at: datetime | None

    @classmethod
    def of(cls, link: Link) -> Self | None:
        """Return the creation of a link whose outcome is not known; None when there is none."""
        body = link.creation_body
        if not link.creation_key:
            return None
        # A row of an earlier version has a key without a body: it can be looked for, but not repeated.
        known = link.creation_started_at if body else None
        return cls(link.creation_key, body.get("revision", 0), body.get("values", {}), body.get("element", {}), known)

    def columns(self) -> dict[str, Any]:
        """Return the columns of the link that keep this attempt."""
        body = {"revision": self.revision, "values": dict(self.values), "element": dict(self.element)}
        return {"creation_key": self.key, "creation_body": body, "creation_started_at": self.started_at}

    def may_repeat(self, now: datetime) -> bool:
        """Return whether Xero still knows the key, so that sending the same again creates nothing twice."""
        return self.started_at is not None and now < self.started_at + KEY_LIFETIME
