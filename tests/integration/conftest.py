"""What all tests of parts that work together need. It ends with each test: others run in the same process."""

from __future__ import annotations

from typing import Final

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from posxero.services.accounts import passwords
from posxero.services.push import engine

CHEAP_HASH: Final = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords with argon2 as little as it allows: what the app recommends takes 0.2 s of CPU, on purpose."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP_HASH)


@pytest.fixture(autouse=True)
def _long_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one turn of a push worker push all that is due, however slow the machine is."""
    monkeypatch.setattr(engine, "MAX_SLICE_SECONDS", 60.0)
