"""Consent, tokens and connections, as Xero documents them."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.contract.conftest import Api, Clock
from tests.support.practice_server import CALLBACK, SCOPE, PracticeServer

ASKED = {"response_type": "code", "client_id": "practice", "redirect_uri": CALLBACK, "scope": SCOPE, "state": "st"}


def refresh(practice: PracticeServer, token: str) -> httpx2.Response:
    return practice.token({"grant_type": "refresh_token", "refresh_token": token})


def connections(practice: PracticeServer, access: str, **asked: str) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {access}"}
    return practice.http.get("/connections", params=asked, headers=headers)


def claims(token: str) -> dict[str, Any]:
    header, payload, signature = token.split(".")
    assert header
    assert signature
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return read


def test_the_consent_page_names_the_organisations_and_ticks_the_first(practice: PracticeServer) -> None:
    page = practice.http.get(practice.authorize_url(**ASKED)).text
    first, second = practice.organisations
    assert f'value="{first.tenant_id}" checked' in page
    assert f'value="{second.tenant_id}"> Harbour Books &amp; Gifts' in page
    assert "Allow access" in page
    assert "not the real Xero" in page


def test_allow_sends_the_browser_back_with_a_code(practice: PracticeServer) -> None:
    answer = practice.consent(state="from-the-session")
    assert answer["state"] == "from-the-session"
    assert answer["scope"] == SCOPE
    assert set(answer) == {"code", "scope", "session_state", "state"}


def test_cancel_is_access_denied(practice: PracticeServer) -> None:
    assert practice.consent(cancel="1") == {"error": "access_denied", "state": "some-state"}


def test_a_scope_that_xero_does_not_know(practice: PracticeServer) -> None:
    assert practice.consent(scope="accounting.everything")["error"] == "invalid_scope"


@pytest.mark.parametrize("wrong", [{"client_id": "somebody"}, {"redirect_uri": "javascript:alert(1)"}])
def test_a_wrong_app_is_not_sent_back(practice: PracticeServer, wrong: dict[str, str]) -> None:
    answer = practice.http.get(practice.authorize_url(**(ASKED | wrong)))
    assert answer.status_code == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8000/a", "http://[::1]:8000/a", "http://pos.example/a", "http://localhost.example/a", "/a", ""],
)
def test_http_is_for_localhost_only(practice: PracticeServer, address: str) -> None:
    url = practice.authorize_url(**(ASKED | {"redirect_uri": address}))
    for answer in (practice.http.get(url), practice.http.post(url, data={"tenant": practice.tenant})):
        assert answer.status_code == 400
        assert "Location" not in answer.headers
        assert "Error: unauthorized_client : Invalid redirect_uri" in answer.text
        assert "http addresses of localhost only" in answer.text


@pytest.mark.parametrize("address", ["http://localhost/a", "http://LOCALHOST:8000/a", "https://127.0.0.1:8443/a"])
def test_localhost_and_https_are_answered(practice: PracticeServer, address: str) -> None:
    answer = practice.http.get(practice.authorize_url(**(ASKED | {"redirect_uri": address})))
    assert (answer.status_code, "Allow access" in answer.text) == (200, True)


def test_no_organisation_chosen_asks_again(practice: PracticeServer) -> None:
    answer = practice.http.post("/identity/connect/authorize", data=ASKED)
    assert answer.status_code == 422
    assert "Choose an organisation." in answer.text


def test_another_sites_form_is_refused(practice: PracticeServer) -> None:
    form = ASKED | {"tenant": practice.tenant}
    headers = {"Sec-Fetch-Site": "same-site"}
    answer = practice.http.post("/identity/connect/authorize", data=form, headers=headers)
    assert answer.status_code == 403


def test_the_token_answer(practice: PracticeServer) -> None:
    answer = practice.exchange(practice.consent()["code"])
    issued = answer.json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert (issued["expires_in"], issued["token_type"], issued["scope"]) == (1800, "Bearer", SCOPE)
    read = claims(issued["access_token"])
    assert read["scope"] == SCOPE.split()
    (connection,) = connections(practice, issued["access_token"]).json()
    assert read["authentication_event_id"] == connection["authEventId"]


def test_without_offline_access_there_is_no_refresh_token(practice: PracticeServer) -> None:
    issued = practice.tokens(scope="openid accounting.contacts")
    assert "refresh_token" not in issued
    assert claims(issued["id_token"])["given_name"] == "Pat"


def test_a_code_works_once(practice: PracticeServer) -> None:
    code = practice.consent()["code"]
    assert practice.exchange(code).status_code == 200
    again = practice.exchange(code)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


def test_a_code_lives_five_minutes(practice: PracticeServer, clock: Clock) -> None:
    code = practice.consent()["code"]
    clock.forward(minutes=5)
    assert practice.exchange(code).json() == {"error": "invalid_grant"}


def test_a_wrong_verifier_is_refused(practice: PracticeServer) -> None:
    code = practice.consent()["code"]
    assert practice.exchange(code, verifier="x" * 43).json() == {"error": "invalid_grant"}
    assert practice.exchange(code, verifier="").json() == {"error": "invalid_grant"}


def test_a_wrong_secret_is_refused(practice: PracticeServer) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "any"}
    answer = practice.http.post("/connect/token", data=form, auth=("practice", "wrong"))
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})


@pytest.fixture
def public(tmp_path: Path, clock: Clock) -> Iterator[PracticeServer]:
    """A Practice Xero whose app has no secret (PKCE)."""
    server = PracticeServer(tmp_path / "public.db", client_secret="", clock=clock)
    yield server
    server.stop()


def test_a_public_app_proves_itself_by_its_verifier(public: PracticeServer) -> None:
    form = {"grant_type": "authorization_code", "client_id": "practice", "redirect_uri": CALLBACK}
    form["code"] = public.consent()["code"]
    url = "/connect/token"
    assert public.http.post(url, data=form).json() == {"error": "invalid_client"}
    form["code_verifier"] = "practice-verifier-" + "0" * 40
    issued = public.http.post(url, data=form)
    assert issued.status_code == 200
    again = {"grant_type": "refresh_token", "client_id": "practice", "refresh_token": issued.json()["refresh_token"]}
    assert public.http.post(url, data=again).status_code == 200
    assert public.http.post(url, data=again | {"client_secret": "made up"}).json() == {"error": "invalid_client"}


def test_an_app_with_a_secret_must_show_it_every_time(practice: PracticeServer) -> None:
    form = {"grant_type": "authorization_code", "client_id": "practice", "redirect_uri": CALLBACK}
    form |= {"code": practice.consent()["code"], "code_verifier": "practice-verifier-" + "0" * 40}
    again = {"grant_type": "refresh_token", "client_id": "practice"}
    again["refresh_token"] = practice.tokens()["refresh_token"]
    for asked in (form, again):
        answer = practice.http.post("/connect/token", data=asked)
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})
    revoked = practice.http.post("/connect/revocation", data={"client_id": "practice", "token": again["refresh_token"]})
    assert revoked.status_code == 400
    assert refresh(practice, again["refresh_token"]).status_code == 200


def test_refreshing_rotates_with_half_an_hour_of_grace(practice: PracticeServer, clock: Clock) -> None:
    first = practice.tokens()["refresh_token"]
    second = refresh(practice, first).json()["refresh_token"]
    assert second != first
    clock.forward(minutes=29)
    assert refresh(practice, first).status_code == 200
    clock.forward(minutes=1)
    assert refresh(practice, first).json() == {"error": "invalid_grant"}
    assert refresh(practice, second).status_code == 200


def test_an_unused_refresh_token_ends_after_sixty_days(practice: PracticeServer, clock: Clock) -> None:
    token = practice.tokens()["refresh_token"]
    clock.forward(days=60)
    assert refresh(practice, token).json() == {"error": "invalid_grant"}


def test_revocation_ends_the_token_and_every_connection(practice: PracticeServer, api: Api) -> None:
    both = [organisation.tenant_id for organisation in practice.organisations]
    issued = practice.tokens(both)
    form = {"token": issued["refresh_token"]}
    answer = practice.http.post("/connect/revocation", data=form, auth=("practice", "practice-secret"))
    assert answer.status_code == 200
    assert refresh(practice, issued["refresh_token"]).json() == {"error": "invalid_grant"}
    assert connections(practice, issued["access_token"]).json() == []
    assert api.get("/Organisation").status_code == 403


def test_connections_list_what_was_ever_connected_and_filter_by_consent(practice: PracticeServer) -> None:
    first, second = (organisation.tenant_id for organisation in practice.organisations)
    practice.tokens([first])
    access = practice.tokens([second])["access_token"]
    assert [each["tenantId"] for each in connections(practice, access).json()] == [first, second]
    event = claims(access)["authentication_event_id"]
    (connection,) = connections(practice, access, authEventId=event).json()
    assert connection["tenantId"] == second
    assert connection["tenantType"] == "ORGANISATION"
    assert connection["createdDateUtc"] == "2026-09-14T09:30:00.0000000"
    assert connection["id"] != connection["tenantId"]


def test_deleting_a_connection_ends_that_organisation_only(practice: PracticeServer) -> None:
    both = [organisation.tenant_id for organisation in practice.organisations]
    access = practice.tokens(both)["access_token"]
    headers = {"Authorization": f"Bearer {access}"}
    gone = connections(practice, access).json()[0]
    url = f"/connections/{gone['id']}"
    assert practice.http.delete(url, headers=headers).status_code == 204
    assert practice.http.delete(url, headers=headers).status_code == 404
    assert [each["id"] for each in connections(practice, access).json()] != [gone["id"]]
    assert len(connections(practice, access).json()) == 1
