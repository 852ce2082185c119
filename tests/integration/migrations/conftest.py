from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.databases import Cluster

_numbers = count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def blank_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database of each kind without any table: `upgrade(blank_url, "0005")`."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'blank.db'}"
    cluster: Cluster = request.getfixturevalue("cluster")
    name = f"blank_{next(_numbers)}"
    cluster.run(f"CREATE DATABASE {name}")
    return cluster.url(name)
