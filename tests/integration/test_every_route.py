"""Every address of the app, as those who may not use it: nobody is let in, and no row changes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from posxero.db.draft import Draft
from posxero.domain.enums import RIGHTS, Right, Role
from tests.support import full_shop, importing
from tests.support.browser import PUBLIC_URL
from tests.support.fakes import open_ports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from uuid import UUID

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.routing import Rule
    from werkzeug.test import TestResponse

    from posxero.db.business import Business, User
    from posxero.settings import Settings
    from tests.support.browser import Browser
    from tests.support.practice_server import PracticeServer

UNGUARDED = {"static"}
SIGNED_BY_XERO = {"xero_webhook.receive"}  # no browser opens it: drift/test_webhook.py
TOKEN = re.compile(r'name="csrf_token" value="[^"]+"')
EXPORTS = {
    f"{kind}.export{part}"
    for kind in ("customers", "suppliers")
    for part in ("", "_history", "_all_history", "_personal_data")
}
EXPORTS |= {"imports.not_imported", "imports.preview_file", "links.export", "sync.export"}
NOTED = {"xero.connect"} | EXPORTS  # a consent, a download
FOREIGN = {"Sec-Fetch-Site": "cross-site"}
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": f"{PUBLIC_URL}/customers?q=ann"}


def right_of(view: object) -> Right | None:
    right = getattr(view, "right", None)
    assert right is None or isinstance(right, Right)
    return right


class Door:
    """One method of one rule of the app, with the ids of real rows."""

    def __init__(self, app: Flask, rule: Rule, method: str, ids: Mapping[str, object]) -> None:
        self.endpoint, self.method = rule.endpoint, method
        self.right: Right | None = right_of(app.view_functions[rule.endpoint])
        self.arguments = rule.arguments
        with app.test_request_context(base_url=PUBLIC_URL):
            arguments: dict[str, Any] = {key: ids[key] for key in rule.arguments}
            self.path = app.url_for(rule.endpoint, **arguments)

    def __repr__(self) -> str:
        return f"{self.method} {self.path} ({self.endpoint})"

    def knock(self, browser: Browser, headers: Mapping[str, str] | None = None, *, token: bool = True) -> int:
        """Ask, and return the status."""
        return self.answer(browser, headers, token=token).status_code

    def answer(
        self,
        browser: Browser,
        headers: Mapping[str, str] | None = None,
        *,
        token: bool = True,
        follow: bool = False,
    ) -> TestResponse:
        if self.method == "GET":
            return browser.get(self.path, headers=headers, follow_redirects=follow)
        fields = {"csrf_token": browser.token()} if token else {}
        return browser.post(self.path, data=fields, headers=headers)


def doors(app: Flask, ids: Mapping[str, object]) -> Iterator[Door]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint in UNGUARDED | SIGNED_BY_XERO:
            continue
        merged = {"contact_id": ids["survivor_id"]} if "merge_id" in rule.arguments else {}
        for method in sorted({"GET", "POST"} & (rule.methods or set())):
            yield Door(app, rule, method, {**ids, **merged})


@pytest.fixture
def ids(
    session: Session, business: Business, practice: PracticeServer, settings: Settings
) -> Iterator[dict[str, UUID | str]]:
    """Ids of real rows of the shop, by the arguments of addresses."""
    ports, jobs = open_ports(settings)
    yield dict(full_shop.furnish(importing.Importer(session, business, ports, jobs), practice))
    ports.http.close()


@pytest.fixture
def olive(session: Session, sign_in: Callable[[User], Browser], owner: User, ids: dict[str, UUID | str]) -> Browser:
    """The owner's browser."""
    browser = sign_in(owner)
    ids.update(full_shop.keep(session, owner))
    return browser


def test_every_view_says_who_may_use_it(app: Flask) -> None:
    views = {name: view for name, view in app.view_functions.items() if name not in UNGUARDED}
    assert [name for name, view in views.items() if not hasattr(view, "right")] == []
    rules = {Right.READ: 0, Right.EDIT: 0, Right.MANAGE: 0, Right.OWN: 0, Right.EXPORT: 0, Right.AUDIT: 0, None: 0}
    for view in views.values():
        rules[right_of(view)] += 1
    assert all(rules.values()), rules


@pytest.mark.slow
@pytest.mark.usefixtures("olive")
def test_nobody_is_sent_to_sign_in(app: Flask, client: Browser, session: Session, ids: Mapping[str, object]) -> None:
    before = full_shop.picture(session)
    for door in doors(app, ids):
        if door.right is None:
            assert door.knock(client) in {200, 303, 422, 429}, door
            continue
        plain, live = door.answer(client), door.answer(client, HTMX)
        assert (plain.status_code, plain.location[:14]) == (303, "/sign-in?next="), door
        assert (live.status_code, live.headers["HX-Redirect"][:14]) == (401, "/sign-in?next="), door
    assert full_shop.picture(session) == before


@pytest.mark.slow
@pytest.mark.usefixtures("olive")
def test_a_role_without_the_right_is_told_who_can(
    app: Flask,
    sign_in: Callable[[User], Browser],
    session: Session,
    ids: Mapping[str, object],
    request: pytest.FixtureRequest,
) -> None:
    browsers = {role: sign_in(request.getfixturevalue(role.value)) for role in Role if role is not Role.OWNER}
    before = full_shop.picture(session)
    for role, browser in browsers.items():
        refused = [door for door in doors(app, ids) if door.right and door.right not in RIGHTS[role]]
        assert refused
        for door in refused:
            answer = door.answer(browser)
            assert answer.status_code == 403, (role, door)
            assert "Ask an owner" in answer.text, (role, door)
        assert full_shop.picture(session) == before, role
    assert len(browsers) == 3


@pytest.mark.slow
@pytest.mark.usefixtures("olive")
def test_the_owner_of_another_shop_finds_nothing(
    app: Flask, sign_in: Callable[[User], Browser], stranger: User, session: Session, ids: Mapping[str, object]
) -> None:
    nora = sign_in(stranger)
    before = full_shop.picture(session)
    absent = dict.fromkeys(ids, uuid4())
    for theirs, nowhere in zip(doors(app, ids), doors(app, absent), strict=True):
        if not theirs.arguments or theirs.right is None:  # the argument of a public address is the secret itself
            continue
        answer, other = theirs.answer(nora, follow=True), nowhere.answer(nora, follow=True)
        assert answer.status_code == other.status_code == 404, theirs
        assert TOKEN.sub("", answer.text) == TOKEN.sub("", other.text), theirs
        assert theirs.knock(nora, HTMX) == 404, theirs
    assert full_shop.picture(session) == before


@pytest.mark.slow
@pytest.mark.usefixtures("stranger")
def test_an_owner_sees_no_row_of_another_shop(
    app: Flask, sign_in: Callable[[User], Browser], stranger: User, session: Session, ids: Mapping[str, object]
) -> None:
    """The lists, too: whatever page Nora opens shows nothing of the shop next door."""
    nora = sign_in(stranger)
    names = set(full_shop.names(session, stranger.business_id))
    assert len(names) > 20
    absent = dict.fromkeys(("consent_id", "form_id", "invitation_id", "token", "sign_in_id"), uuid4())
    for door in doors(app, {**ids, **absent}):
        if door.method == "GET" and not door.arguments and door.right is not None:
            page = door.answer(nora).text
            assert [name for name in names if name in page] == [], door


@pytest.mark.slow
def test_a_form_without_its_token_is_refused(
    app: Flask, olive: Browser, session: Session, ids: Mapping[str, object]
) -> None:
    before = full_shop.picture(session)
    for door in doors(app, ids):
        if door.method == "POST":
            assert door.knock(olive, token=False) == 400, door
            assert door.knock(olive, token=False, headers=HTMX) == 400, door
    assert full_shop.picture(session) == before


@pytest.mark.slow
def test_a_form_of_another_site_is_refused(
    app: Flask, olive: Browser, session: Session, ids: Mapping[str, object]
) -> None:
    before = full_shop.picture(session)
    for door in doors(app, ids):
        if door.method == "POST":
            assert door.knock(olive, FOREIGN) == 400, door
    assert full_shop.picture(session) == before


@pytest.mark.slow
def test_reading_changes_nothing(app: Flask, olive: Browser, session: Session, ids: Mapping[str, object]) -> None:
    """GET never acts; where an address takes only forms, it is refused."""
    before = full_shop.picture(session)
    found = list(doors(app, ids))
    readable = {door.path for door in found if door.method == "GET"}
    for door in found:
        if door.endpoint in NOTED:
            continue
        status = olive.get(door.path).status_code
        assert status in ({200, 302, 303, 400, 422} if door.path in readable else {405}), door
        if door.path in readable:
            assert olive.get(door.path, headers=HTMX).status_code in {200, 204, 302, 303, 400, 422}, door
    assert full_shop.picture(session) == before


def test_what_was_sent_after_the_sign_in_is_shown_only_to_whom_it_was(
    olive: Browser, session: Session, sign_in: Callable[[User], Browser], staff: User
) -> None:
    form_id = session.scalars(select(Draft.id)).one()
    assert olive.get(f"/kept/{form_id}").status_code == 200
    assert sign_in(staff).get(f"/kept/{form_id}").status_code == 404
