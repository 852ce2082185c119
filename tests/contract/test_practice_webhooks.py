"""Practice Xero delivers webhooks as Xero does: handshake, signature, events, retries."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import httpx2
import pytest

from posxero.practice import webhook_messages
from posxero.practice.webhook_worker import RETRY_WAITS, WebhookTiming
from tests.contract.conftest import Clock
from tests.support.practice_server import PracticeServer
from tests.support.webhook_receiver import KEY, WebhookReceiver

QUICK = WebhookTiming(batch_delay=0, retry_waits=(0, 0.01, 0.01))


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    started = WebhookReceiver()
    yield started
    started.stop()


@pytest.fixture
def practice(tmp_path: Path, clock: Clock) -> Iterator[PracticeServer]:
    server = PracticeServer(tmp_path / "practice.db", clock=clock, webhook_timing=QUICK)
    yield server
    server.stop()


@pytest.fixture
def subscribed(practice: PracticeServer, receiver: WebhookReceiver) -> PracticeServer:
    assert practice.subscribe(receiver.url, KEY)["status"] == "ok"
    return practice


def test_the_signature_of_a_known_body() -> None:
    # Computed by: printf '{"events":[]}' | openssl dgst -sha256 -hmac secret -binary | base64
    assert webhook_messages.sign(b'{"events":[]}', "secret") == "pkK1lVPJPiJ+wPLziRD79xIxohl8AImYM8AEeM7IbzQ="


def test_the_waits_of_a_day() -> None:
    assert RETRY_WAITS[:3] == (0, 900, 900)
    assert sum(RETRY_WAITS) == 24 * 60 * 60


def test_nothing_is_sent_without_an_address(practice: PracticeServer) -> None:
    practice.add(Name="Unheard")
    assert practice.webhooks() == {
        "url": "",
        "status": "not set",
        "is_held": False,
        "pending": 0,
        "faults": {},
        "requests": [],
    }


def test_the_handshake_demands_200_and_401(subscribed: PracticeServer, receiver: WebhookReceiver) -> None:
    assert [each.is_signed for each in receiver.received] == [True, False, True, False]
    bodies = [json.loads(each.body) for each in receiver.received]
    assert all((each["events"], each["firstEventSequence"], each["lastEventSequence"]) == ([], 0, 0) for each in bodies)
    assert len({each["entropy"] for each in bodies}) == 4
    assert [each["status"] for each in subscribed.webhooks()["requests"]] == [200, 401, 200, 401]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((204, b"", {}), "200 was expected"),
        ((500, b"", {}), "200 was expected"),
        ((200, b"ok", {}), "the answer has a body"),
        ((200, b"", {"Set-Cookie": "a=b"}), "the answer sets a cookie"),
        ((302, b"", {"Location": "/elsewhere"}), "200 was expected"),
    ],
)
def test_a_failed_handshake_is_explained_and_delivers_nothing(
    practice: PracticeServer, receiver: WebhookReceiver, answer: tuple[int, bytes, dict[str, str]], error: str
) -> None:
    receiver.answers.append(answer)
    state = practice.subscribe(receiver.url, KEY)
    assert state["status"] == "failed"
    assert state["requests"][0]["error"] == error
    practice.add(Name="Waiting")
    assert practice.webhooks("deliver")["pending"] == 1
    assert receiver.deliveries() == []


def test_a_receiver_that_accepts_every_signature_fails(practice: PracticeServer, receiver: WebhookReceiver) -> None:
    receiver.answers = [(200, b"", {})] * 4
    state = practice.subscribe(receiver.url, KEY)
    assert [each["error"] for each in state["requests"]] == ["", "401 was expected", "", "401 was expected"]
    assert state["status"] == "failed"


def test_an_address_where_nothing_listens(practice: PracticeServer) -> None:
    state = practice.subscribe("http://127.0.0.1:9/webhooks", KEY)
    assert state["status"] == "failed"
    assert [(each["status"], each["error"]) for each in state["requests"]] == [(0, "no answer: ConnectError")]


def test_a_new_contact_is_a_create_event(subscribed: PracticeServer, receiver: WebhookReceiver) -> None:
    made = subscribed.add(Name="Heard")
    (delivery,) = receiver.wait(1)
    assert delivery.is_signed
    assert delivery.headers["content-type"] == "application/json"
    body = json.loads(delivery.body)
    assert body.pop("entropy")
    assert body == {
        "events": [
            {
                "resourceUrl": f"https://api.xero.com/api.xro/2.0/Contacts/{made['ContactID']}",
                "resourceId": made["ContactID"],
                "eventDateUtc": "2026-09-14T09:30:00.000",
                "eventType": "CREATE",
                "eventCategory": "CONTACT",
                "tenantId": subscribed.tenant,
                "tenantType": "ORGANISATION",
            }
        ],
        "lastEventSequence": 1,
        "firstEventSequence": 1,
    }


def test_writes_by_the_api_and_by_pages_are_events(subscribed: PracticeServer, receiver: WebhookReceiver) -> None:
    token = subscribed.tokens()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "xero-tenant-id": subscribed.tenant}
    contacts = f"{subscribed.url}/api.xro/2.0/Contacts"
    made = httpx2.put(contacts, json={"Name": "By API"}, headers=headers).json()["Contacts"][0]["ContactID"]
    httpx2.post(contacts, json={"ContactID": made, "FirstName": "Api"}, headers=headers)
    httpx2.post(contacts, json={"ContactID": made, "Name": ""}, headers=headers)
    subscribed.http.post(f"/app/!Kw1Ot/contacts/contact/{made}/edit", data={"Name": "By page"})
    subscribed.webhooks("deliver")
    events = [event for each in receiver.deliveries() for event in each.events]
    assert [(each["eventType"], each["resourceId"]) for each in events] == [
        ("CREATE", made),
        ("UPDATE", made),
        ("UPDATE", made),
    ]


def test_held_events_go_out_in_one_batch(subscribed: PracticeServer, receiver: WebhookReceiver) -> None:
    subscribed.webhooks("hold")
    for number in range(3):
        subscribed.add(Name=f"Held {number}")
    assert (subscribed.webhooks()["pending"], receiver.deliveries()) == (3, [])
    subscribed.webhooks("release")
    (delivery,) = receiver.wait(1)
    assert len(delivery.events) == 3
    assert json.loads(delivery.body)["lastEventSequence"] == 3


def test_a_failed_delivery_is_repeated_in_the_same_bytes(subscribed: PracticeServer, receiver: WebhookReceiver) -> None:
    receiver.answers = [(500, b"", {}), (200, b"a body", {})]
    subscribed.add(Name="Repeated")
    bodies = [each.body for each in receiver.wait(3)]
    assert bodies[0] == bodies[1] == bodies[2]
    assert subscribed.webhooks("deliver")["pending"] == 0
    assert len(receiver.deliveries()) == 3


def test_the_last_failure_disables_and_a_new_handshake_delivers_in_order(
    subscribed: PracticeServer, receiver: WebhookReceiver
) -> None:
    receiver.answers = [(503, b"", {})] * 4
    first = subscribed.add(Name="First")["ContactID"]
    receiver.wait(4)
    while subscribed.webhooks()["status"] == "ok":
        Event().wait(0.01)
    assert subscribed.webhooks()["status"] == "disabled"
    second = subscribed.add(Name="Second")["ContactID"]
    subscribed.http.post("/webhooks/verify")
    receiver.wait(5)
    events = [event["resourceId"] for each in receiver.deliveries()[4:] for event in each.events]
    assert events == [first, second]


def test_an_answer_that_does_not_come_in_time_counts_as_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def time_out(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("too slow", request=request)

    with httpx2.Client(transport=httpx2.MockTransport(time_out)) as client:
        assert webhook_messages.send(client, "http://app", b"{}", "any") == (0, "no answer: ReadTimeout")
    monkeypatch.setattr(webhook_messages, "ANSWER_TIMEOUT", -1.0)
    with httpx2.Client(transport=httpx2.MockTransport(lambda _request: httpx2.Response(200))) as client:
        answer = webhook_messages.send(client, "http://app", b"{}", "any")
    assert answer == (200, "the answer took longer than -1 seconds")


def test_the_client_waits_five_seconds() -> None:
    with webhook_messages.new_client() as client:
        assert client.timeout == httpx2.Timeout(5.0)


def test_events_and_subscription_survive_a_restart(
    subscribed: PracticeServer, receiver: WebhookReceiver, tmp_path: Path
) -> None:
    subscribed.webhooks("hold")
    made = subscribed.add(Name="Kept")["ContactID"]
    again = PracticeServer(tmp_path / "practice.db", webhook_timing=QUICK)
    try:
        (delivery,) = receiver.wait(1)
        assert [each["resourceId"] for each in delivery.events] == [made]
    finally:
        again.stop()


def test_an_address_given_at_the_start_waits_for_an_app_that_starts_later(
    tmp_path: Path, receiver: WebhookReceiver
) -> None:
    receiver.stop()
    server = PracticeServer(tmp_path / "new.db", webhook_url=receiver.url, webhook_key=KEY, webhook_timing=QUICK)
    try:
        while not server.webhooks()["requests"]:
            Event().wait(0.01)
        assert server.webhooks()["status"] == "unverified"
        server.add(Name="Early")
        receiver.start()
        receiver.wait(1)
        assert server.webhooks()["status"] == "ok"
    finally:
        server.stop()
