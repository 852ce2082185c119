"""What a form created is known by its idempotency key, for as long as the form may come again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import select

from posxero.db.engine import writing
from posxero.db.form_submission import FormPurpose, FormSubmission
from posxero.services import form_submissions, sweep
from posxero.services.errors import NotFound
from tests.support.fakes import RecordingQueue

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.settings import Settings

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def record(session: Session, business: Business, key: str, *, at: datetime = NOW) -> None:
    with writing(session):
        form_submissions.record(session, business.id, key, FormPurpose.CONTACT, uuid4(), now=at)


def keys(session: Session) -> set[str]:
    return set(session.scalars(select(FormSubmission.idempotency_key)))


def test_a_form_without_a_key_is_not_recorded(session: Session, business: Business) -> None:
    record(session, business, "")
    assert keys(session) == set()
    assert form_submissions.find_result(session, business.id, "", FormPurpose.CONTACT) is None


def test_a_key_of_another_purpose_creates_and_reveals_nothing(session: Session, business: Business) -> None:
    record(session, business, "one")
    assert form_submissions.find_result(session, business.id, "one", FormPurpose.CONTACT)
    with pytest.raises(NotFound):
        form_submissions.find_result(session, business.id, "one", FormPurpose.IMPORT)


def test_a_key_counts_only_in_its_own_business(session: Session, business: Business) -> None:
    record(session, business, "one")
    assert form_submissions.find_result(session, uuid4(), "one", FormPurpose.CONTACT) is None


def test_the_sweep_deletes_keys_whose_forms_cannot_come_again(
    session: Session, business: Business, settings: Settings
) -> None:
    record(session, business, "old", at=NOW - form_submissions.RETENTION - timedelta(seconds=1))
    record(session, business, "new", at=NOW - form_submissions.RETENTION + timedelta(seconds=1))
    sweep.run(session, RecordingQueue(), settings.timings, now=NOW)
    assert keys(session) == {"new"}
