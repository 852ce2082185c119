"""Room on the disks of this machine that hold what the shop stores."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy.engine import make_url

LEAST = 64 * 1024 * 1024  # bytes; an import of some ten thousand contacts
PART = 20  # a twentieth of a small disk is enough


def folders(database_url: str, data_dir: Path) -> set[Path]:
    """Return the folders of SQLite's file and of the embedded Valkey, where there are any."""
    url = make_url(database_url)
    found = {data_dir}
    if url.get_backend_name() == "sqlite" and url.database:
        found.add(Path(url.database).parent)
    return {folder for folder in found if folder.is_dir()}


def is_full(folders: Iterable[Path]) -> bool:
    """Return whether one of the folders has no room left to continue."""
    return any(usage.free < min(LEAST, usage.total // PART) for usage in map(shutil.disk_usage, folders))
