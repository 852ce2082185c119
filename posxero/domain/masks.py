"""Numbers of which Xero shows the last four characters only, as it does with US tax numbers."""

import re
from typing import Final

_MASKED: Final = re.compile(r"[*•xX-]*[*•xX][*•xX -]*(\w{4})")


def is_masked(shown: str) -> bool:
    """Return whether a shown value is the end of a number behind a mask."""
    return _MASKED.fullmatch(shown.strip()) is not None


def is_masked_form(shown: str, number: str) -> bool:
    """Return whether a shown value is a number with all but its last four characters masked."""
    found = _MASKED.fullmatch(shown.strip())
    return found is not None and len(number) > len(found[1]) and number.endswith(found[1])
