"""What Xero last showed of a contact, as a link keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from posxero.domain.fields import ADDRESSES, MAPPED_KEYS, PHONES
from posxero.domain.xero_phones import PhoneParts


@dataclass(frozen=True, slots=True)
class XeroCopy:
    """The mapped fields, and what must be carried back when we write.

    `values` has every mapped key ("" when empty); `phones` is by Xero's phone type,
    `attention` (AttentionTo) by address type; `updated_at` is ISO 8601 or "";
    `merged_to` is the ContactID of the contact this one was merged into, or "".
    """

    values: dict[str, str] = field(default_factory=lambda: dict.fromkeys(MAPPED_KEYS, ""))
    phones: dict[str, PhoneParts] = field(default_factory=lambda: dict.fromkeys(PHONES, PhoneParts()))
    attention: dict[str, str] = field(default_factory=lambda: dict.fromkeys(ADDRESSES, ""))
    is_customer: bool = False
    is_supplier: bool = False
    status: str = ""
    updated_at: str = ""
    merged_to: str = ""

    def supersedes(self, kept: "XeroCopy", *, kept_at: datetime | None, read_at: datetime) -> bool:
        """Return whether this copy, which was read, is to replace the one that is kept.

        Xero's own stamps decide where they differ. Where they do not, or one is missing, a copy that was asked for
        before the kept one was answered does not replace it: it may show what Xero had before our write.

        Args:
            kept: The copy of the link.
            kept_at: When the kept one was answered; None when it never was.
            read_at: When this one was asked for.
        """
        if self.updated_at and kept.updated_at and self.updated_at != kept.updated_at:
            return self.updated_at > kept.updated_at
        return kept_at is None or kept_at <= read_at

    def to_json(self) -> dict[str, Any]:
        """Return a mapping that JSON can hold; empty values are left out."""
        return {
            "values": {key: value for key, value in self.values.items() if value},
            "phones": {kind: list(parts) for kind, parts in self.phones.items() if any(parts)},
            "attention": {kind: value for kind, value in self.attention.items() if value},
            "is_customer": self.is_customer,
            "is_supplier": self.is_supplier,
            "status": self.status,
            "updated_at": self.updated_at,
            "merged_to": self.merged_to,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Load what `to_json` returned; what is missing is empty, so {} is a contact that was never read."""
        values, phones, attention = (kept.get(part) or {} for part in ("values", "phones", "attention"))
        return cls(
            values={key: values.get(key) or "" for key in MAPPED_KEYS},
            phones={kind: PhoneParts(*phones.get(kind, ())) for kind in PHONES},
            attention={kind: attention.get(kind) or "" for kind in ADDRESSES},
            is_customer=bool(kept.get("is_customer")),
            is_supplier=bool(kept.get("is_supplier")),
            status=kept.get("status") or "",
            updated_at=kept.get("updated_at") or "",
            merged_to=kept.get("merged_to") or "",
        )
