"""Webhooks that go wrong on demand, and the page that shows and controls them."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from posxero.practice.webhook_worker import WebhookTiming
from tests.support.practice_server import PracticeServer
from tests.support.webhook_receiver import KEY, WebhookReceiver

RETRY_LATER = WebhookTiming(batch_delay=60, retry_waits=(60,))  # nothing happens but on demand


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    started = WebhookReceiver()
    yield started
    started.stop()


@pytest.fixture
def practice(tmp_path: Path, receiver: WebhookReceiver) -> Iterator[PracticeServer]:
    server = PracticeServer(tmp_path / "practice.db", webhook_timing=RETRY_LATER)
    server.subscribe(receiver.url, KEY)
    yield server
    server.stop()


def sequences(receiver: WebhookReceiver) -> list[tuple[int, int]]:
    bodies = [json.loads(each.body) for each in receiver.deliveries()]
    return [(each["firstEventSequence"], each["lastEventSequence"]) for each in bodies]


def add_and_deliver(practice: PracticeServer, *names: str) -> None:
    for name in names:
        practice.add(Name=name)
        assert practice.webhooks("deliver")["pending"] == 0


def test_a_dropped_delivery_never_comes(practice: PracticeServer, receiver: WebhookReceiver) -> None:
    practice.webhooks("faults", kind="drop")
    add_and_deliver(practice, "Lost", "Heard")
    assert sequences(receiver) == [(2, 2)]
    assert [each["fault"] for each in practice.webhooks()["requests"] if each["sequences"]] == ["drop", ""]


@pytest.mark.parametrize("kind", ["wrong_signature", "truncated"])
def test_a_forged_delivery_is_refused_and_repeated_well(
    practice: PracticeServer, receiver: WebhookReceiver, kind: str
) -> None:
    practice.webhooks("faults", kind=kind)
    practice.add(Name="Forged")
    assert practice.webhooks("deliver")["pending"] == 1
    assert practice.webhooks("deliver")["pending"] == 0
    forged, good = receiver.received[4:]
    assert (forged.is_signed, good.is_signed) == (False, True)
    assert good.body.startswith(forged.body)


def test_an_unreadable_delivery_is_signed(practice: PracticeServer, receiver: WebhookReceiver) -> None:
    practice.webhooks("faults", kind="unreadable")
    add_and_deliver(practice, "Unreadable")
    unreadable = receiver.received[4]
    assert unreadable.is_signed
    with pytest.raises(json.JSONDecodeError):
        json.loads(unreadable.body)


def test_a_delivery_can_come_twice_at_once_or_again_later(practice: PracticeServer, receiver: WebhookReceiver) -> None:
    practice.webhooks("faults", kind="repeat")
    add_and_deliver(practice, "Twice")
    assert sequences(receiver) == [(1, 1)] * 2
    practice.webhooks("repeat", times=3)
    assert sequences(receiver) == [(1, 1)] * 5
    assert len({each.body for each in receiver.deliveries()}) == 1


def test_events_can_come_out_of_order(practice: PracticeServer, receiver: WebhookReceiver) -> None:
    add_and_deliver(practice, "One", "Two")
    practice.add(Name="Three")
    assert practice.webhooks("reorder")["pending"] == 0
    assert sequences(receiver) == [(1, 1), (2, 2), (3, 3), (2, 2), (1, 1)]


@pytest.mark.parametrize(
    ("action", "options"),
    [("faults", {"kind": "unknown"}), ("faults", {"kind": "drop", "count": 0}), ("repeat", {"times": "x"}), ("no", {})],
)
def test_unknown_requests_are_refused(practice: PracticeServer, action: str, options: dict[str, object]) -> None:
    assert practice.http.post(f"/practice/webhooks/{action}", json=options).status_code == 400


def test_the_page_sets_the_address_and_never_shows_the_key(practice: PracticeServer, receiver: WebhookReceiver) -> None:
    page = practice.http.get("/webhooks").text
    assert receiver.url in page
    assert "401, as expected" in page
    assert KEY not in page
    assert practice.http.post("/webhooks", data={"url": ""}).status_code == 303
    assert "No address is set." in practice.http.get("/webhooks").text
    refused = practice.http.post("/webhooks", data={"url": "ftp://nowhere"})
    assert refused.status_code == 422
    assert "Enter an address that begins with" in refused.text
    assert "Enter the signing key." in practice.http.post("/webhooks", data={"url": receiver.url}).text
    practice.http.post("/webhooks", data={"url": receiver.url, "key": "misspelt-key"})
    shown = practice.http.get("/webhooks").text
    assert "The address failed the handshake." in shown
    assert "misspelt-key" not in shown
    practice.http.post("/webhooks", data={"url": receiver.url, "key": KEY})
    practice.http.post("/webhooks", data={"url": receiver.url, "key": ""})
    assert practice.webhooks()["status"] == "ok"


def test_the_buttons_of_the_page(practice: PracticeServer, receiver: WebhookReceiver) -> None:
    def press(action: str) -> str:
        assert practice.http.post(f"/webhooks/{action}").headers["Location"] == "/webhooks"
        return practice.http.get("/webhooks").text

    assert "Nothing was delivered yet." in press("repeat")
    assert "There are no events yet." in press("reorder")
    practice.add(Name="Pressed")
    assert "1 event pending." in practice.http.get("/webhooks").text
    assert "Deliveries are held back." in press("hold")
    assert "Deliveries are released." in press("release")
    assert "Every event is delivered." in press("deliver")
    assert "sent twice more" in press("repeat")
    assert "The latest events (1)" in press("reorder")
    assert "Next delivery: lose the delivery." in press("drop")
    assert len(receiver.deliveries()) == 4
    assert practice.http.post("/webhooks/unknown").status_code == 404


def test_a_form_of_another_site_is_refused(practice: PracticeServer) -> None:
    for path in ("/webhooks", "/webhooks/repeat", "/practice/webhooks"):
        answer = practice.http.post(path, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403


def test_the_key_is_in_no_state(practice: PracticeServer) -> None:
    state = json.dumps(practice.webhooks())
    assert KEY not in state
    assert base64.b64encode(KEY.encode()).decode() not in state
    assert KEY not in repr(practice.app.extensions["practice"])
