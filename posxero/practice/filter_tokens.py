"""Tokenize Xero's filter language."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

TOKEN_PATTERN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"]|"")*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_]\w*)"""
    r"""|(?P<symbol>&&|\|\||==|!=|<>|<=|>=|[=<>().,])|(?P<open>")|(?P<other>\S))"""
)


class InvalidQuery(ValueError):
    """A filter or an order is not in Xero's language: 400, QueryParseException."""


@dataclass(frozen=True)
class Token:
    """A token: its kind, a group of TOKEN_PATTERN or "end", and its text."""

    kind: str
    text: str


def parse_guid(text: str) -> str:
    """Return a GUID in lower case and with hyphens; it may come in any case and without them.

    Raises:
        InvalidQuery: It is none.
    """
    try:
        return str(UUID(text))
    except ValueError as error:
        raise InvalidQuery(f"{text} is not a valid Guid") from error


def tokenize(where: str) -> Iterator[Token]:
    """Yield the tokens of a filter; the last one has the kind "end".

    Raises:
        InvalidQuery: A text does not end, or a letter belongs to no word.
    """
    for found in TOKEN_PATTERN.finditer(where.rstrip()):
        kind = found.lastgroup or ""
        if kind == "open":
            raise InvalidQuery("Unterminated string literal")
        if kind == "other":
            raise InvalidQuery(f"Syntax error '{found[kind]}'")
        yield Token(kind, found[kind])
    yield Token("end", "")
