"""The words of Xero's filter language."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"]|"")*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_]\w*)"""
    r"""|(?P<symbol>&&|\|\||==|!=|<>|<=|>=|[=<>().,])|(?P<open>")|(?P<other>\S))"""
)


class CannotParse(ValueError):
    """A filter or an order is not in Xero's language: 400, QueryParseException."""


@dataclass(frozen=True)
class Token:
    """A word: its kind, a group of TOKEN or "end", and its text."""

    kind: str
    text: str


def guid(text: str) -> str:
    """Return a GUID in lower case and with hyphens; it may come in any case and without them.

    Raises:
        CannotParse: It is none.
    """
    try:
        return str(UUID(text))
    except ValueError as error:
        raise CannotParse(f"{text} is not a valid Guid") from error


def tokens(where: str) -> Iterator[Token]:
    """Split a filter into its words, of which the last is the end.

    Raises:
        CannotParse: A text does not end, or a letter belongs to no word.
    """
    for found in TOKEN.finditer(where.rstrip()):
        kind = found.lastgroup or ""
        if kind == "open":
            raise CannotParse("Unterminated string literal")
        if kind == "other":
            raise CannotParse(f"Syntax error '{found[kind]}'")
        yield Token(kind, found[kind])
    yield Token("end", "")
