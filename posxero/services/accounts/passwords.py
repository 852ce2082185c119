"""Passwords: argon2 with pwdlib's recommended parameters, and the rules for new ones."""

import re
from collections.abc import Iterator

from pwdlib import PasswordHash

from posxero.domain.folding import words

LENGTH_MIN = 10  # characters; OWASP ASVS 5.0, 6.2.1 asks for 8 and recommends 15
LENGTH_MAX = 200  # characters; the time of a hash grows with it
DISTINCT_MIN = 4  # different characters
OWN_WORD_MIN = 4  # letters of a word of the name, the email or the business that is looked for
OBVIOUS = ("password", "12345678", "qwerty", "letmein", "welcome", "iloveyou", "administrator", "retailpos", "changeme")
DECORATION = re.compile(r"^[\W\d_]+|[\W\d_]+$")  # what people put around a common word

_hasher = PasswordHash.recommended()


def hash_password(password: str) -> str:
    """Hash a password with a fresh salt; takes about 50 ms on purpose."""
    return _hasher.hash(password)


def verify(password: str, password_hash: str | None) -> tuple[bool, str | None]:
    """Compare a password with a stored hash.

    An unknown user's password (`password_hash` None) is hashed too, so that the time
    of the answer does not tell who exists.

    Returns:
        Whether it is right, and a new hash when the stored one is of older parameters.
    """
    if password_hash is None:
        _hasher.hash(password)
        return False, None
    return _hasher.verify_and_update(password, password_hash)


def problem(password: str, email: str, name: str = "", business: str = "") -> str:
    """Return in words why a new password of a person is refused; "" when it is good."""
    if len(password) < LENGTH_MIN:
        return f"Password must be {LENGTH_MIN} characters or more"
    if len(password) > LENGTH_MAX:
        return f"Password must be {LENGTH_MAX} characters or fewer"
    for source, text in (("name", name), ("email", email.rpartition(".")[0]), ("business's name", business)):
        for word in _own_words(text):
            if word in _join_words(password):
                return f"Password must not contain “{word}”, which is part of the {source}"
    folded = password.casefold()
    if len(set(folded)) < DISTINCT_MIN or any(word in folded for word in OBVIOUS):
        return "Choose a password that is harder to guess. Three unrelated words work well"
    if _is_common(folded) or _is_common(DECORATION.sub("", folded)):
        return "This password is too common. Choose one that is harder to guess. Three unrelated words work well"
    return ""


def _own_words(text: str) -> Iterator[str]:
    """Return the words of a text that are long enough to tell, and all of them in one."""
    found = words(text)
    yield from (word for word in (*found, "".join(found)) if len(word) >= OWN_WORD_MIN)


def _join_words(text: str) -> str:
    return "".join(words(text))


def _is_common(word: str) -> bool:
    """Return whether a word is among the most common passwords, English words or names.

    zxcvbn keeps a word only in the list where it ranks highest ("christopher" is a name), so
    that the 10,000 most common passwords are found only by looking into all of its lists.
    They are loaded by the first password that is set: some 20 ms and 12 MB.
    """
    from zxcvbn.matching import RANKED_DICTIONARIES  # noqa: PLC0415 - few processes ever set a password

    return any(word in ranked for ranked in RANKED_DICTIONARIES.values())
