"""Work through the rows of an import range by range, for as long as a slice lasts."""

from collections.abc import Callable, Mapping
from typing import Any

from posxero.db.import_ import Import
from posxero.services.imports.lease import ImportLease
from posxero.services.imports.rows import RowRange, next_range


def for_each_range(lease: ImportLease, length: int, work: Callable[[RowRange], Mapping[str, Any]]) -> bool:
    """Do some work for every range of rows that follows the cursor, each range in a step of its own.

    Args:
        lease: Of the import.
        length: How many rows a range has.
        work: Returns the columns of the import that it changes; the cursor moves with them.

    Returns:
        Whether all rows are done; False when the slice was over first.

    Raises:
        LeaseLost, Cancelled: As `ImportLease.step`.
    """
    while row_range := next_range(lease.session, lease.run, length):
        if lease.is_slice_over:
            return False
        with lease.step() as columns:
            columns.update(work(row_range))
            columns["cursor"] = row_range.upto
    return True


def counted(run: Import, counts: Mapping[str, int]) -> dict[str, int]:
    """Return the columns of an import after rows came to these outcomes."""
    sums = {name: getattr(run, name) + count for name, count in counts.items()}
    return sums | {"settled": run.settled + sum(counts.values())}
