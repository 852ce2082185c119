"""Xero's names of time zones: those of Windows in capitals, without spaces and punctuation."""

import re
from typing import Final

from tzlocal.windows_tz import win_tz

# The Unicode CLDR, from which the table of Windows comes, never changes an identifier; IANA has renamed these since.
RENAMED: Final = {
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Godthab": "America/Nuuk",
    "America/Indianapolis": "America/Indiana/Indianapolis",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Etc/UTC": "UTC",
    "Europe/Kiev": "Europe/Kyiv",
}
NOT_ALPHANUMERIC: Final = re.compile("[^A-Z0-9]")


def _key(name: str) -> str:
    return NOT_ALPHANUMERIC.sub("", name.upper())


IANA_NAMES: Final = {_key(windows): RENAMED.get(zone, zone) for windows, zone in win_tz.items()}


def iana(name: str | None) -> str:
    """Return the IANA name of a time zone of Xero; "" for an unknown one, which the owner then sets."""
    return IANA_NAMES.get(_key(name or ""), "")
