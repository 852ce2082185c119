import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posxero.domain.copies import XeroCopy
from posxero.domain.fields import ADDRESSES, MAPPED_KEYS, PHONES
from posxero.domain.text import values_equal
from posxero.domain.xero_phones import PhoneParts

TEXT = st.text(max_size=8)
COPIES = st.builds(
    XeroCopy,
    values=st.fixed_dictionaries(dict.fromkeys(MAPPED_KEYS, TEXT)),
    phones=st.fixed_dictionaries(dict.fromkeys(PHONES, st.builds(PhoneParts, TEXT, TEXT, TEXT))),
    attention=st.fixed_dictionaries(dict.fromkeys(ADDRESSES, TEXT)),
    is_customer=st.booleans(),
    is_supplier=st.booleans(),
    status=TEXT,
    updated_at=TEXT,
    merged_to=TEXT,
)


@given(COPIES)
@settings(max_examples=50)
def test_a_copy_survives_the_database(copy: XeroCopy) -> None:
    assert XeroCopy.from_json(json.loads(json.dumps(copy.to_json()))) == copy


def test_a_link_that_was_never_sent_has_an_empty_copy() -> None:
    assert XeroCopy.from_json({}) == XeroCopy()
    assert tuple(XeroCopy().values) == MAPPED_KEYS
    assert XeroCopy().phones["MOBILE"] == PhoneParts("", "", "")


def test_missing_null_and_empty_are_equal() -> None:
    assert values_equal(None, "")
    assert values_equal("", None)
    assert not values_equal(None, "0")


def test_values_are_equal_in_their_one_form() -> None:
    assert values_equal("Bob  Smith ", "Bob Smith")
    assert values_equal("Jose\u0301", "José")
    assert not values_equal("bob", "Bob")


@pytest.mark.parametrize(
    ("read", "kept", "kept_minutes_later", "replaces"),
    [
        ("2026-03-01T10:00:00.002+00:00", "2026-03-01T10:00:00.001+00:00", 5, True),
        ("2026-03-01T10:00:00.001+00:00", "2026-03-01T10:00:00.002+00:00", -5, False),
        ("2026-03-01T10:00:00.001+00:00", "2026-03-01T10:00:00.001+00:00", -5, True),
        ("2026-03-01T10:00:00.001+00:00", "2026-03-01T10:00:00.001+00:00", 5, False),
        ("2026-03-01T10:00:00.001+00:00", "", 5, False),
        ("", "2026-03-01T10:00:00.001+00:00", 0, True),
        ("", "", None, True),
    ],
)
def test_a_copy_replaces_an_older_one_only(
    read: str,
    kept: str,
    kept_minutes_later: int | None,
    replaces: bool,  # noqa: FBT001 - of a parameter
) -> None:
    read_at = datetime(2026, 3, 1, 10, tzinfo=UTC)
    kept_at = None if kept_minutes_later is None else read_at + timedelta(minutes=kept_minutes_later)
    copies = XeroCopy(updated_at=read), XeroCopy(updated_at=kept)
    assert copies[0].supersedes(copies[1], kept_at=kept_at, read_at=read_at) is replaces
