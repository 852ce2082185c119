"""Input that nobody means well with: a clear answer, nothing lost, nothing leaked, never a 500."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from posxero.db.contact import Contact, Link
from posxero.domain.fields import FIELDS, KEYS
from tests.support import full_shop, importing
from tests.support.browser import PUBLIC_URL
from tests.support.fakes import open_ports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from flask import Flask
    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.settings import Settings
    from tests.support.browser import Browser
    from tests.support.practice_server import PracticeServer

SCRIPT = '"><script>alert(1)</script>'
RTL = "\u0645\u062d\u0645\u062f \u202ehtims nna\u202c"
HOSTILE = {
    "script": quote(SCRIPT),
    "template": quote("{{ 7 * 7 }}{% for %}${7*7}"),
    "sql": quote("' OR 1=1; DROP TABLE contact; --"),
    "like": quote("%_\\%"),
    "NUL": "a%00b",
    "surrogate": "%ED%A0%80%ED%B0%80",
    "broken UTF-8": "%FF%FE%C0%80",
    "emoji": quote("👩‍👩‍👧‍👦🏳️‍🌈"),
    "right to left": quote(RTL),
    "combining": quote("e" + "\u0301" * 500),
    "long": "a" * 10_000,
    "huge number": "9" * 400,
    "negative": "-1",
    "digits of another script": quote("٣٤٥"),
    "superscript": quote("²"),
    "nan": "nan",
    "line breaks": "a%0D%0ALocation:%20//evil.example",
}
PARAMETERS = ("q", "sync", "page", "open", "state", "code", "error", "next", "polls", "show", "kind")
FILTERS = ("group", "tag", "sort", "status", "day", "find", "who", "what", "person", "after", "before", "until")
STATES = ("act", "at", "draft", "field", "from", "since", "seen_at", "to", "v", "week", "customer")
FORM = (
    *KEYS,
    "version",
    "idempotency_key",
    "role",
    "password",
    "current_password",
    "new_password",
    "kind",
    "timezone",
    "currency",
    "tenant",
    "sure",
    "press",
    "page",
    "suppliers",
)
CHECKED = {"name", "email", "birthday", "customer_group", "tags"}  # keys of fields in which not any text will do


@pytest.fixture
def ids(
    session: Session, business: Business, practice: PracticeServer, settings: Settings
) -> Iterator[dict[str, UUID | str]]:
    ports, jobs = open_ports(settings)
    yield dict(full_shop.furnish(importing.Importer(session, business, ports, jobs), practice))
    ports.http.close()


@pytest.fixture
def olive(session: Session, sign_in: Callable[[User], Browser], owner: User, ids: dict[str, UUID | str]) -> Browser:
    """The owner's browser, in a shop with a row behind every address."""
    browser = sign_in(owner)
    ids.update(full_shop.keep(session, owner))
    return browser


@pytest.fixture
def sam(sign_in: Callable[[User], Browser], staff: User) -> Browser:
    """The browser of a member of staff, in an empty shop."""
    return sign_in(staff)


def addresses(app: Flask, method: str, ids: dict[str, UUID | str]) -> list[str]:
    with app.test_request_context(base_url=PUBLIC_URL):
        arguments: dict[str, Any] = dict(ids)
        return [
            app.url_for(rule.endpoint, **{key: arguments[key] for key in rule.arguments})
            for rule in app.url_map.iter_rules()
            if rule.endpoint not in {"static", "auth.sign_out"} and method in (rule.methods or set())
        ]


def cases(paths: list[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Pair every address with every value; of a blueprint that customers and suppliers share, one of the two."""
    for path in paths:
        is_supplier = path.startswith("/suppliers")
        kinds = ("/suppliers", "/customers") if is_supplier else ("/customers", "/suppliers")
        is_shared = path.startswith(kinds) and path.replace(*kinds, 1) in paths
        for number, value in enumerate(HOSTILE.items()):
            if not is_shared or number % 2 == is_supplier:
                yield path, value


@pytest.mark.slow
def test_no_query_breaks_a_page(app: Flask, olive: Browser, ids: dict[str, UUID | str]) -> None:
    paths = addresses(app, "GET", ids)
    for number, (path, (label, value)) in enumerate(cases(paths)):
        names = (PARAMETERS, PARAMETERS + FILTERS, PARAMETERS + FILTERS + STATES)[number // 3 % 3]
        query = "&".join(f"{name}={value}" for name in names)
        target = ("", "div#results", f"a#{value}")[number % 3]
        parts = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": target} if target else {}
        answer = olive.get(f"{path}?{query}", headers=parts)
        assert answer.status_code < 500 or path == "/xero/callback", (path, label, target[:20])
        assert b"<script>alert" not in answer.get_data(), (path, label)
        assert "evil.example" not in answer.headers.get("Location", "")[:20], (path, label)


@pytest.mark.slow
def test_no_form_breaks_an_address(app: Flask, olive: Browser, ids: dict[str, UUID | str]) -> None:
    paths = addresses(app, "POST", ids)
    ends = [path for path in paths if path.endswith(("/disconnect", "/delete", "/cancel", "/new-link"))]
    others = cases([path for path in paths if path not in ends])
    assert len(ends) == 9
    for path, (label, value) in [*others, *product(ends, [("script", HOSTILE["script"])])]:
        choices = (f"choice-{ids['import_id']}", f"choice-{value[:50]}")
        fields = "&".join(f"{name}={value}" for name in (*FORM, *choices))
        body = f"csrf_token={quote(olive.token())}&{fields}"
        answer = olive.post(path, data=body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code < 500, (path, label)
        assert "<script>alert" not in answer.text, (path, label)
        assert "evil.example" not in answer.headers.get("Location", ""), (path, label)


@pytest.mark.parametrize("segment", ["0", "..%2f..%2fetc%2fpasswd", "%00", "%ED%A0%80", "a" * 5000, "null"])
def test_an_address_that_is_no_id_leads_nowhere(sign_in: Callable[[User], Browser], owner: User, segment: str) -> None:
    olive = sign_in(owner)
    for pattern in ("/customers/{}", "/suppliers/{}/edit", "/imports/{}", "/imports/{}/progress", "/settings/users/{}"):
        answer = olive.get(pattern.format(segment))
        assert answer.status_code == 404, (pattern, segment)
        assert "Not found" in answer.text or "There is nothing" in answer.text


@pytest.mark.parametrize("key", [field.key for field in FIELDS if not field.kind.options])
def test_markup_in_a_field_is_text(sam: Browser, session: Session, key: str) -> None:
    typed = {"name": "Ann Smith", key: SCRIPT}
    answer = sam.submit("/customers/new", typed)
    refused = (
        key in {"name", "email", "birthday", "customer_group", "tags"}
        or key.endswith("_country")
        or len(SCRIPT) > _longest(key)
    )
    assert answer.status_code == (422 if refused else 303), key
    pages = [answer.text] if refused else [sam.get(answer.location).text, sam.get(f"{answer.location}/edit").text]
    for page in (*pages, sam.get("/customers").text, sam.get("/customers?q=script").text):
        assert "<script>alert" not in page
    assert any("&lt;script&gt;alert(1)" in page for page in pages), "what was typed is shown again"
    session.rollback()


@pytest.mark.parametrize("key", [field.key for field in FIELDS if field.kind.options])
def test_markup_is_no_choice(sam: Browser, key: str) -> None:
    answer = sam.submit("/customers/new", {"name": "Ann Smith", key: SCRIPT})
    assert answer.status_code == 422
    assert "script&gt;" not in answer.text
    assert "<script>alert" not in answer.text


def _longest(key: str) -> int:
    return next(field.max_length for field in FIELDS if field.key == key)


@pytest.mark.parametrize("name", ["a" * 300, "é" * 256, "👩" * 128])
def test_a_name_that_is_too_long_is_refused_and_kept(sam: Browser, session: Session, name: str) -> None:
    answer = sam.submit("/customers/new", {"name": name, "email": "ann@shop.example"})
    assert answer.status_code == 422
    assert "255 characters or fewer" in answer.text
    assert name in answer.text
    assert "ann@shop.example" in answer.text
    assert session.scalar(select(Contact.id).where(Contact.name == name)) is None


@pytest.mark.parametrize(
    "name", ["Zoë 🛍️ Ltd", "محمد علي", "יוסף כהן", "Ngā Tāngata o te Whenua", "O’Brien & Søn", "张伟"]
)
def test_names_of_every_script_are_saved_found_and_shown(sam: Browser, name: str) -> None:
    saved = sam.submit("/customers/new", {"name": name})
    assert saved.status_code == 303
    shown = sam.get(saved.location)
    assert name.replace("&", "&amp;") in shown.text
    word = next(word for word in name.split() if word.isalpha())
    assert saved.location in sam.get("/customers", query_string={"q": word.upper()}).text


def test_a_name_cannot_turn_the_page_around(sam: Browser, session: Session) -> None:
    assert sam.submit("/customers/new", {"name": f"Ann {RTL}"}).status_code == 303
    assert session.scalars(select(Contact.name).where(Contact.name.like("Ann %"))).all() == ["Ann محمد htims nna"]


def test_a_form_cannot_set_what_it_does_not_show(
    olive: Browser, session: Session, ids: dict[str, UUID | str], other_business: Business
) -> None:
    contact_id = ids["contact_id"]
    before = session.get_one(Contact, (session.scalar(select(Contact.business_id)), contact_id))
    kept = (before.business_id, before.id, before.revision, before.version, before.is_supplier, before.archived_at)
    sent = select(Link.sent_revision).where(Link.contact_id == contact_id)
    sent_revision = session.scalar(sent)
    posted: dict[str, Any] = {
        "notes": "changed",
        "version": before.version,
        "business_id": str(other_business.id),
        "id": str(ids["user_id"]),
        "revision": "99",
        "sent_revision": "99",
        "is_supplier": "1",
        "archived_at": "2020-01-01",
        "search_text": "evil",
        "role": "owner",
    }
    assert olive.submit(f"/customers/{contact_id}/edit", posted).status_code == 303
    session.rollback()
    after = session.get_one(Contact, (kept[0], contact_id))
    assert after.notes == "changed"
    assert (
        after.business_id,
        after.id,
        after.revision,
        after.version - 1,
        after.is_supplier,
        after.archived_at,
    ) == kept
    assert "evil" not in after.search_text
    assert session.scalar(sent) == sent_revision


def test_a_body_that_is_too_large_is_refused_in_words(sam: Browser) -> None:
    answer = sam.post("/customers/new", data={"csrf_token": sam.token(), "notes": "a" * 1_200_000})
    assert answer.status_code == 413
    assert "Too large" in answer.text


@pytest.mark.parametrize("cookie", ["nonsense", "eyJhIjoxfQ.aaaa.bbbb", "\x7f\x7f", "a" * 5000])
def test_a_broken_cookie_is_nobody(app: Flask, cookie: str) -> None:
    answer = app.test_client().get("/customers", headers={"Cookie": f"posxero={cookie}"}, base_url=PUBLIC_URL)
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/customers")


@pytest.mark.parametrize(
    "to", ["//evil.example", "/\\evil.example", "https:evil.example", "\t//evil.example", "/%0a/evil"]
)
@pytest.mark.usefixtures("owner")
def test_signing_in_never_leads_to_another_site(client: Browser, to: str) -> None:
    page = client.get("/sign-in", query_string={"next": to})
    assert not re.search(r'name="next" value="(?!/[^/\\])', page.text)
    answer = client.submit("/sign-in", {"email": "olive@shop.example", "password": "three unrelated words", "next": to})
    assert answer.status_code == 303
    assert re.fullmatch(r"/(?![/\\])[^\\\s]*", answer.location)
