"""Fold text as Xero compares it: without case and, in filters and searches, without accents."""

import unicodedata


def fold(text: str) -> str:
    """Return text without case and accents, which Xero's filters ignore. Lone surrogates become question marks."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()
    return bare.encode("utf-8", "replace").decode("utf-8")


def tidy(text: str) -> str:
    """Trim a name and collapse its runs of spaces, as Xero does before it stores a name."""
    return " ".join(text.split())
