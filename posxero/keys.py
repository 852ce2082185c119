"""The key that signs cookies, and the keys that encrypt Xero's tokens.

Production sets them; a development machine creates them once and stores them in its data folder.
"""

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self

from cryptography.fernet import Fernet

from posxero.environment import Environment

KEYS_FILE = "keys.json"
MIN_SECRET_KEY_LENGTH = 32  # characters; 256 random bits are 64 as hexadecimal, 44 as base64


class Keys(NamedTuple):
    """The key that signs cookies and the Fernet keys that encrypt tokens, newest first."""

    secret_key: str
    token_keys: tuple[str, ...]

    @classmethod
    def for_production(cls, env: Environment) -> Self:
        """Read the keys from the environment.

        Raises:
            InvalidSetting: One is missing or too weak.
        """
        secret_key, token_keys = env.text("SECRET_KEY"), _token_keys(env)
        if len(secret_key) < MIN_SECRET_KEY_LENGTH:
            reason = f"must be set in production, to at least {MIN_SECRET_KEY_LENGTH} random characters"
            raise env.invalid("SECRET_KEY", reason)
        if not token_keys:
            raise env.invalid("TOKEN_KEYS", "must be set in production, to one or more Fernet keys, the newest first")
        return cls(secret_key, token_keys)

    @classmethod
    def for_development(cls, env: Environment, data_dir: Path) -> Self:
        """Read the keys from the environment; load those that it does not set from the data folder.

        Raises:
            InvalidSetting: A key is invalid, or the data folder cannot be used.
        """
        secret_key, token_keys = env.text("SECRET_KEY"), _token_keys(env)
        if secret_key and token_keys:
            return cls(secret_key, token_keys)
        try:
            stored = cls.load_or_create(data_dir)
        except (OSError, ValueError) as error:
            raise env.invalid("DATA_DIR", f"is not usable: {error}") from error
        return cls(secret_key or stored.secret_key, token_keys or stored.token_keys)

    @classmethod
    def load_or_create(cls, data_dir: Path) -> Self:
        """Load the keys stored in `data_dir`; create the folder (0700) and the file (0600) when they are missing.

        The file appears whole and only once: processes that start together all use the same keys.

        Raises:
            OSError: The folder or the file cannot be read or created.
            ValueError: The file is damaged; its keys are needed to read what they encrypted, so none replace them.
        """
        path = data_dir / KEYS_FILE
        if not path.exists():
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            _create(path, {"secret_key": secrets.token_hex(32), "token_keys": [Fernet.generate_key().decode()]})
        try:
            stored = json.loads(path.read_text())
            keys = cls(str(stored["secret_key"]), tuple(stored["token_keys"]))
            [Fernet(key) for key in keys.token_keys]
        except (ValueError, KeyError, TypeError) as error:
            message = f"{path} is damaged; put it back from a copy, or delete it and connect to Xero again"
            raise ValueError(message) from error
        return keys


def _token_keys(env: Environment) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in env.text("TOKEN_KEYS").split(",") if key.strip())
    for position, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError:
            expected = "each is 32 bytes in URL-safe base64, separated by commas"
            raise env.invalid("TOKEN_KEYS", f"has an invalid key at position {position}: {expected}") from None
    return keys


def _create(path: Path, keys: dict[str, str | list[str]]) -> None:
    """Create a file that nobody else can read, unless another process was first."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump(keys, file)
        with suppress(FileExistsError):
            os.link(temporary, path)  # unlike a rename, never replaces
    finally:
        temporary.unlink()
