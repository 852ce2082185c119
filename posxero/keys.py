"""The keys of a development machine: made once, kept in the data folder, readable by its owner only."""

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self

from cryptography.fernet import Fernet

FILE = "keys.json"


class Keys(NamedTuple):
    """The key that signs cookies and the keys that encrypt Xero's tokens, newest first."""

    secret_key: str
    token_keys: tuple[str, ...]

    @classmethod
    def kept(cls, data_dir: Path) -> Self:
        """Read the keys kept in `data_dir`; make the folder (0700) and the file (0600) when they are missing.

        The file appears whole and only once: of processes that start together all use the same keys.

        Raises:
            OSError: The folder or the file cannot be read or made.
            ValueError: The file is damaged; its keys are needed to read what they encrypted, so none replace them.
        """
        path = data_dir / FILE
        if not path.exists():
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            _put(
                path, json.dumps({"secret_key": secrets.token_hex(32), "token_keys": [Fernet.generate_key().decode()]})
            )
        try:
            kept = json.loads(path.read_text())
            keys = cls(str(kept["secret_key"]), tuple(kept["token_keys"]))
            [Fernet(key) for key in keys.token_keys]
        except (ValueError, KeyError, TypeError) as error:
            message = f"{path} is damaged; put it back from a copy, or delete it and connect to Xero again"
            raise ValueError(message) from error
        return keys


def _put(path: Path, text: str) -> None:
    """Write a new file that nobody else can read, unless another process was first."""
    part = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        with suppress(FileExistsError):
            os.link(part, path)  # unlike a rename, never replaces
    finally:
        part.unlink()
