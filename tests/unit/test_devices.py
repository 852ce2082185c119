"""Devices and addresses in words."""

from datetime import timedelta

import pytest

from posxero.domain.devices import describe_device
from posxero.domain.ip_addresses import network_of, normalise_address
from posxero.domain.security_events import SecurityEventKind
from posxero.web.durations import retry_after, retry_message

MOZILLA = "Mozilla/5.0"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/141.0 Safari/537.36", "Chrome on Windows"),
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/141.0 Safari/537.36 Edg/141.0", "Edge on Windows"),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/18.0 Safari/605.1.15", "Safari on Mac"),
        (f"{MOZILLA} (iPad; CPU OS 18_0 like Mac OS X) {WEBKIT} Version/18.0 Safari/604.1", "Safari on iPad"),
        (f"{MOZILLA} (iPhone; CPU iPhone OS 18_0) {WEBKIT} CriOS/141.0 Mobile Safari/604.1", "Chrome on iPhone"),
        (f"{MOZILLA} (Linux; Android 15; Pixel 9) {WEBKIT} Chrome/141.0 Mobile Safari/537.36", "Chrome on Android"),
        (f"{MOZILLA} (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Linux"),
        ("curl/8.14", "Unknown device"),
        ("", "Unknown device"),
    ],
)
def test_a_device_is_named(user_agent: str, words: str) -> None:
    assert describe_device(user_agent) == words


@pytest.mark.parametrize(
    ("written", "address", "network"),
    [
        ("203.0.113.7", "203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7", "203.0.113.7"),
        ("2001:DB8:0:0:1::5", "2001:db8::1:0:0:5", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::1", "fe80::/64"),
        ("", "", ""),
        ("x" * 99, "x" * 45, "x" * 45),
    ],
)
def test_an_address_has_one_form_and_a_network(written: str, address: str, network: str) -> None:
    assert (normalise_address(written), network_of(address)) == (address, network)


@pytest.mark.parametrize(
    ("seconds", "words", "header"),
    [
        (0.2, "Wait 1 second and try again.", "1"),
        (44.1, "Wait 45 seconds and try again.", "45"),
        (59.5, "Wait 1 minute and try again.", "60"),
        (61, "Wait 2 minutes and try again.", "61"),
        (3600, "Wait 60 minutes and try again.", "3600"),
        (7201, "Wait 3 hours and try again.", "7201"),
    ],
)
def test_a_wait_is_told_in_words(seconds: float, words: str, header: str) -> None:
    wait = timedelta(seconds=seconds)
    assert (retry_message(wait), retry_after(wait)) == (words, header)


def test_every_event_has_words_and_fits_its_column() -> None:
    assert all(kind.label for kind in SecurityEventKind)
    assert max(len(kind.value) for kind in SecurityEventKind) <= 20
