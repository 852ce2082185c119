"""What no template may hold, because the content policy blocks it or a page without JavaScript would lose it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment

PACKAGE = Path(__file__).parents[2] / "posxero"
TEMPLATES = sorted((PACKAGE / "templates").rglob("*.html"))
LINES_MAX = 80
COLUMNS_MAX = 120  # of a tag; a longer one has an attribute on each line
FORBIDDEN = {
    "hx-on": r"\bhx-on\b",
    "js:": r"[\"'=\s]js:",
    "javascript:": r"javascript:",
    "a trigger filter": r"hx-trigger=\"[^\"]*\[",
    "a style attribute": r"\sstyle=",
    "a style element": r"<style\b",
    "an event attribute": r"\son[a-z]+=",
    "a script with a body": r"<script\b[^>]*>\s*[^<\s]",
    "a script without a file": r"<script\b(?![^>]*\bsrc=)",
    "hx-disabled-elt of htmx 2": r"\bhx-disabled-elt\b",
    "an extension": r"\bhx-ext\b",
    "an address that is data": r"=\"data:",
}
WHILE_TYPING = re.compile(r"hx-trigger=(['\"])input changed delay:\d+ms from:")
FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
TAG = re.compile(r"<[a-z][^>]*>", re.DOTALL)
ATTRIBUTE = re.compile(r"\s[a-z][a-z-]*=[\"']")
QUIET = str.maketrans("<>\"'", "    ")


def without_jinja(source: str) -> str:
    """Drop comments, and the marks inside expressions that would look like HTML."""
    source = re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)
    return re.sub(r"\{[{%].*?[%}]\}", lambda found: found[0].translate(QUIET), source, flags=re.DOTALL)


def faults(source: str) -> Iterator[str]:
    """Name every rule that a template breaks."""
    text = without_jinja(source)
    yield from (name for name, pattern in FORBIDDEN.items() if re.search(pattern, text))
    for form in FORM.findall(text):
        yield from faults_of_form(form)
    for tag in TAG.findall(text):
        yield from faults_of_tag(tag)


def faults_of_form(form: str) -> Iterator[str]:
    """Name what a form lacks: it must work without JavaScript, and send once."""
    opening = form[: form.index(">")]
    posts = 'method="post"' in opening
    if posts and not re.search(r"csrf\(|csrf_token", form):
        yield "a form that posts without its token"
    if "hx-post=" in opening:
        # A second press of a form that saves is dropped; of drafts the last text counts, after the one before.
        sync = 'hx-sync="this:queue last"' if "data-draft" in opening else 'hx-sync="this:drop"'
        wanted = ('method="post"', "action=", sync)
        yield from (f"a form with hx-post without {part}" for part in wanted if part not in opening)


def faults_of_tag(tag: str) -> Iterator[str]:
    """Name what an element lacks: a link without JavaScript, a new tab that cannot reach back."""
    polls = "every " in tag
    listens = WHILE_TYPING.search(tag)  # the form's own button asks the same
    if "hx-get=" in tag and not polls and not listens and not re.search(r"\s(href|action)=", tag):
        yield "hx-get without href or action"
    if "hx-post=" in tag and not tag.startswith("<form"):
        yield "hx-post outside a form"
    if any(len(line) > COLUMNS_MAX and len(ATTRIBUTE.findall(line)) > 1 for line in tag.splitlines()):
        yield "a long line of several attributes"
    if 'target="_blank"' in tag and "noopener" not in tag:
        yield "a new tab without noopener"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE / "templates")))
def test_a_template_keeps_the_rules(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    Environment(autoescape=True).parse(source)
    assert list(faults(source)) == []
    assert len(source.splitlines()) <= LINES_MAX


def test_there_are_templates_to_look_at() -> None:
    assert "base.html" in {path.name for path in TEMPLATES}


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ('<a hx-on:click="x()">', "hx-on"),
        ('<p hx-vals="js:{a: 1}">', "js:"),
        ('<a href="javascript:x()">', "javascript:"),
        ('<p hx-get="/a" href="/a" hx-trigger="click[ctrlKey]">', "a trigger filter"),
        ('<p style="color: red">', "a style attribute"),
        ("<style>p {}</style>", "a style element"),
        ('<button onclick="x()">', "an event attribute"),
        ('<script src="a.js">x()</script>', "a script with a body"),
        ("<script></script>", "a script without a file"),
        ('<button hx-disabled-elt="this">', "hx-disabled-elt of htmx 2"),
        ('<main hx-ext="sse">', "an extension"),
        ('<img src="data:image/png;base64,">', "an address that is data"),
        ('<form method="post" action="/a"></form>', "a form that posts without its token"),
        (
            '<form method="post" action="/a" hx-post="/a">{{ csrf() }}</form>',
            'a form with hx-post without hx-sync="this:drop"',
        ),
        (
            '<form hx-post="/a" hx-sync="this:drop" action="/a">{{ csrf() }}</form>',
            'a form with hx-post without method="post"',
        ),
        (
            '<form hx-post="/a" hx-sync="this:drop" method="post">{{ csrf() }}</form>',
            "a form with hx-post without action=",
        ),
        (
            '<form data-draft method="post" action="/a" hx-post="/a" hx-sync="this:drop">{{ csrf() }}</form>',
            'a form with hx-post without hx-sync="this:queue last"',
        ),
        ('<button hx-get="/a">', "hx-get without href or action"),
        ('<div hx-get="/a" hx-trigger="input changed">', "hx-get without href or action"),
        ('<button hx-post="/a">', "hx-post outside a form"),
        ('<a href="/a" target="_blank">', "a new tab without noopener"),
        (f'<a href="/{"a" * 100}" class="button quiet">', "a long line of several attributes"),
    ],
)
def test_a_fault_is_found(source: str, fault: str) -> None:
    assert fault in list(faults(source))


@pytest.mark.parametrize(
    "source",
    [
        '<form method="post" action="/a" hx-post="/a" hx-sync="this:drop">{{ csrf() }}</form>',
        '<section hx-get="/a" hx-trigger="every 2s">',
        '<div hx-get="/a" hx-trigger="input changed delay:400ms from:#email">',
        '<a href="/a"{% if a > b %} class="x"{% endif %} hx-get="/a">',
        "{# onclick= is not used #}",
        '<script src="{{ url_for("static", filename="app.js") }}" defer></script>',
    ],
)
def test_what_is_right_is_let_through(source: str) -> None:
    assert list(faults(source)) == []
