"""Decode JSON from Xero. What PostgreSQL cannot store becomes U+FFFD: NUL and lone surrogates.

Everything else is kept as it came: spaces, line ends, characters that change the direction of text.
"""

import re
from typing import Final, TypeVar

import msgspec

from posxero.xero.errors import Unavailable

T = TypeVar("T")

NUL: Final = rb"\u0000"
UNSTORABLE: Final = re.compile(
    rb"(?P<escape>\\[^u])"  # a backslash that is itself escaped begins no character
    rb"|(?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?P<unstorable>\\u(?:[dD][89a-fA-F][0-9a-fA-F]{2}|0000))"
)


def decode(body: bytes, shape: type[T]) -> T:
    """Decode the body of a response.

    Raises:
        Unavailable: It is not JSON of this shape, even with what cannot be stored replaced.
    """
    if NUL in body:
        body = _replace_unstorable(body)
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError):
        body = _replace_unstorable(body)
    try:
        return msgspec.json.decode(body.decode(errors="replace"), type=shape)
    except msgspec.DecodeError as error:
        raise Unavailable(f"Xero's answer could not be read: {error}") from error


def _replace_unstorable(body: bytes) -> bytes:
    return UNSTORABLE.sub(lambda match: rb"\ufffd" if match["unstorable"] else match[0], body)
