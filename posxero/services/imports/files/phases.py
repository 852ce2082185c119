"""Which step of the import of a file is next."""

from posxero.domain.enums import Phase
from posxero.services.imports.files.adding import add_all
from posxero.services.imports.files.matching import match_all
from posxero.services.imports.files.reading import read_file
from posxero.services.imports.files.repeating import read_again
from posxero.services.imports.lease import ImportLease


def advance(lease: ImportLease) -> None:
    """Work on the phase of an import until that ends or the slice is over.

    Raises:
        ImportFailed: The file cannot be read.
        LeaseLost, Cancelled: As `ImportLease.step`.
    """
    if lease.run.phase is Phase.READING:
        read_file(lease) if lease.run.retry_of is None else read_again(lease)
    elif lease.run.phase is Phase.MATCHING:
        match_all(lease)
    else:
        add_all(lease)
