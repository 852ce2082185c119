"""Parse what a person typed into the search field; it is folded like the columns that are searched."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from posxero.domain.folding import fold, successor, words
from posxero.domain.phone_numbers import digits
from posxero.domain.text import normalise

LENGTH_MAX: Final = 100  # characters that are looked at; nobody types more than this to find a customer
TERMS_MAX: Final = 8
_SHORT: Final = 2  # letters; a shorter term is only looked for at the beginning of words
_NUMBER: Final = re.compile(r"[\d+(). -]*\d[\d+(). -]*")


@dataclass(frozen=True, slots=True)
class Query:
    """A search. All of it is safe in LIKE: terms hold neither % nor _.

    `code` is compared with customer codes, `name_prefix` with the beginning of `name_key`;
    every one of `terms` must be in `search_text`. `covered`: the terms are the words of
    `name_prefix`, so that whatever begins with it holds them.
    """

    code: str = ""
    name_prefix: str = ""
    terms: tuple[str, ...] = ()
    covered: bool = False

    def __bool__(self) -> bool:
        """Return whether anything is looked for."""
        return bool(self.name_prefix)

    @property
    def name_end(self) -> str:
        """Return the end of the range of names that begin with `name_prefix`; it is not part of it."""
        return successor(self.name_prefix)

    @property
    def patterns(self) -> tuple[str, ...]:
        """Return the LIKE patterns that must all hold; short terms only at the beginning of words."""
        return tuple(f"% {term}%" if len(term) <= _SHORT and term.isascii() else f"%{term}%" for term in self.terms)

    @property
    def word_patterns(self) -> tuple[str, ...]:
        """Return the LIKE patterns that rank a contact higher when they all hold: words that begin so."""
        return tuple(f"% {term}%" for term in self.terms)


def parse(text: str) -> Query:
    """Parse what was typed, at most its first `LENGTH_MAX` characters.

    Only digits and signs of phone numbers are one run of digits: "021 555" finds
    +64 21 555 0002. Among words, neighbouring numbers are one: "ann 021 555".
    """
    typed = normalise(text[:LENGTH_MAX])
    found = words(typed)
    run = digits(typed) if _NUMBER.fullmatch(typed) else ""
    terms = [_strip_zeros(term) for term in ([run] if run else _join_numbers(found))]
    return Query(
        code=typed,
        name_prefix=" ".join(found) or fold(typed),
        terms=tuple(dict.fromkeys(terms))[:TERMS_MAX],
        covered=bool(found) and terms == found,
    )


def _join_numbers(found: list[str]) -> Iterator[str]:
    for number, run in groupby(found, str.isdecimal):
        neighbours = list(run)
        yield from [digits("".join(neighbours))] if number else neighbours


def _strip_zeros(term: str) -> str:
    """Strip the leading zeros of a number, unless too little is left: "0002" may be the last four of a phone."""
    bare = term.lstrip("0") if term.isdecimal() else term
    return bare if len(bare) > _SHORT else term
