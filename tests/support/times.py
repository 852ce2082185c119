"""Times that tests share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

LONG_AGO: Final = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)  # when what a test finds here was typed


def now() -> datetime:
    return datetime.now(UTC)
