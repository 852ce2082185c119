"""Passwords: argon2 with pwdlib's recommended parameters, and the rule for new ones."""

from pwdlib import PasswordHash

LENGTH_MIN = 10  # characters; OWASP ASVS 5.0, 6.2.1 asks for 8 and recommends 15
LENGTH_MAX = 200  # characters; the time of a hash grows with it
OBVIOUS = ("password", "12345678", "qwerty", "letmein", "welcome", "iloveyou", "administrator", "retailpos", "changeme")

_hasher = PasswordHash.recommended()
_nobody = _hasher.hash("nobody has this password")


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
        _hasher.verify(password, _nobody)
        return False, None
    return _hasher.verify_and_update(password, password_hash)


def problem(password: str, email: str) -> str:
    """Say in words why a new password is refused; "" when it is good."""
    if len(password) < LENGTH_MIN:
        return f"Password must be {LENGTH_MIN} characters or more"
    if len(password) > LENGTH_MAX:
        return f"Password must be {LENGTH_MAX} characters or fewer"
    folded = password.casefold()
    own = email.partition("@")[0].casefold()
    if len(set(folded)) < 4 or any(word in folded for word in OBVIOUS) or (len(own) > 3 and own in folded):  # noqa: PLR2004 - four different characters, a name of four letters
        return "Choose a password that is harder to guess. Three unrelated words work well"
    return ""
