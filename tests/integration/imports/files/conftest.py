from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.filing import FileImporter

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.settings import Settings


@pytest.fixture
def filer(session: Session, business: Business, settings: Settings) -> FileImporter:
    """A shop that imports files; it is not connected to Xero."""
    return FileImporter(session, business, settings)
