"""Names that are nearly the same: "Reid, Anna" and "Ana Read" may be one person."""

import re
from functools import lru_cache
from typing import Final

NEAR_KEY_MAX: Final = 255  # characters; the column
_LEGAL_FORMS: Final = frozenset(["ltd", "limited", "pty", "inc", "llc", "co", "company", "plc", "gmbh", "the", "and"])
_SILENT: Final = re.compile(r"(?<=.)[aeiouyhw]+")
_REPEATED: Final = re.compile(r"(.)\1+")
_NUMBER: Final = re.compile(r"\d+")
_LETTERS_FOR_EACH_EDIT: Final = 3  # of the shorter name, beside one more
_EDITS_MAX: Final = 2


def near_key(name_key: str) -> str:
    """Return the key that names share when they may be the same; "" for a name that says too little.

    Each word keeps its first letter and its consonants, and the order of the words does not matter.

    Args:
        name_key: The name, folded (`domain.folding.name_key`).
    """
    return " ".join(sorted(_skeleton(word) for word in _words(name_key)))[:NEAR_KEY_MAX]


def are_near(one: str, other: str) -> bool:
    """Return whether two folded names are the same but for the order of words and a letter or two.

    Numbers must agree: "Unit 1" and "Unit 11" are two.
    """
    if sorted(_NUMBER.findall(one)) != sorted(_NUMBER.findall(other)):
        return False
    ours, theirs = ("".join(sorted(_words(name))) for name in (one, other))
    edits = min(_EDITS_MAX, (min(len(ours), len(theirs)) - 1) // _LETTERS_FOR_EACH_EDIT)
    return ours == theirs or _distance(ours, theirs, most=edits) <= edits


def _words(name_key: str) -> list[str]:
    words = name_key.split()
    return [word for word in words if word not in _LEGAL_FORMS] or words


@lru_cache(maxsize=10_000)
def _skeleton(word: str) -> str:
    return _REPEATED.sub(r"\1", _SILENT.sub("", word))


def _distance(one: str, other: str, *, most: int) -> int:
    """Count the letters to add, remove or replace, and neighbours to swap (the optimal string alignment distance).

    What is above `most` is not counted to its end.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    rows = [list(range(len(other) + 1))]
    for place, letter in enumerate(one, 1):
        above, row = rows[-1], [place]
        for n, theirs in enumerate(other, 1):
            edits = min(above[n] + 1, row[n - 1] + 1, above[n - 1] + (letter != theirs))
            if n > 1 and place > 1 and one[place - 2 : place] == theirs + other[n - 2]:
                edits = min(edits, rows[-2][n - 2] + 1)
            row.append(edits)
        if min(row) > most:
            return most + 1
        rows.append(row)
    return rows[-1][-1]
