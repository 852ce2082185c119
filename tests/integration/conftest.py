"""What all tests of parts that work together need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posxero.services.push import engine

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session", autouse=True)
def long_slices() -> Iterator[None]:
    """Let one turn of a push worker push all that is due, however slow the machine is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "MAX_SLICE_SECONDS", 60.0)
        yield
