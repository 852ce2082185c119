"""Xero's names of time zones are those that Python knows by IANA's."""

from zoneinfo import available_timezones

import pytest
from tzlocal.windows_tz import win_tz

from posxero.xero import timezones


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NEWZEALANDSTANDARDTIME", "Pacific/Auckland"),
        ("AUSEASTERNSTANDARDTIME", "Australia/Sydney"),
        ("EAUSTRALIASTANDARDTIME", "Australia/Brisbane"),
        ("SINGAPORESTANDARDTIME", "Asia/Singapore"),
        ("INDIASTANDARDTIME", "Asia/Kolkata"),
        ("FLESTANDARDTIME", "Europe/Kyiv"),
        ("GMTSTANDARDTIME", "Europe/London"),
        ("USEASTERNSTANDARDTIME", "America/Indiana/Indianapolis"),
        ("UTC", "UTC"),
        ("newzealandstandardtime", "Pacific/Auckland"),
        ("CENTRALSTANDARDTIME(MEXICO)", "America/Mexico_City"),
    ],
)
def test_a_zone_of_xero_is_found(name: str, expected: str) -> None:
    assert timezones.iana(name) == expected


@pytest.mark.parametrize("name", [None, "", "MARSSTANDARDTIME"])
def test_an_unknown_zone_stays_unset(name: str | None) -> None:
    assert timezones.iana(name) == ""


def test_python_knows_every_zone() -> None:
    assert set(timezones.IANA_NAMES.values()) <= available_timezones()


def test_no_two_zones_of_windows_share_a_name() -> None:
    assert len(timezones.IANA_NAMES) == len(win_tz)
