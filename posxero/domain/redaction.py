"""Take what identifies a person out of texts that stay."""

import re
from collections.abc import Iterable
from typing import Final

from posxero.domain.chunks import chunks

REDACTED: Final = "[erased]"
MIN_LENGTH: Final = 3  # characters; shorter names are part of too many words
BATCH: Final = 50  # values of one regular expression


class Redactor:
    """Replaces the values of a person, wherever they stand as words of their own and whatever their case."""

    def __init__(self, values: Iterable[str]) -> None:
        found = {" ".join(value.split()) for value in values}
        self.values = sorted(
            (value for value in found if len(value) >= MIN_LENGTH), key=lambda value: (-len(value), value)
        )
        self._patterns = [_pattern(batch) for batch in chunks(self.values, BATCH)]

    def redact(self, text: str) -> str:
        """Return the text with `REDACTED` in the place of each value."""
        for pattern in self._patterns:
            text = pattern.sub(REDACTED, text)
        return text


def _pattern(values: Iterable[str]) -> re.Pattern[str]:
    words = "|".join(r"\s+".join(map(re.escape, value.split())) for value in values)
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
