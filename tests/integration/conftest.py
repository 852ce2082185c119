"""What all tests of parts that work together need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from posxero.services.accounts import passwords
from posxero.services.push import engine

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash passwords with argon2 as little as it allows: what the app recommends takes 0.2 s of CPU, on purpose."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)))
        yield


@pytest.fixture(scope="session", autouse=True)
def long_slices() -> Iterator[None]:
    """Let one turn of a push worker push all that is due, however slow the machine is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "MAX_SLICE_SECONDS", 60.0)
        yield
