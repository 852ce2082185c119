"""Sentences that people stumbled over do not come back to the screen; times of day are written in one module."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import jinja2
import pytest

PACKAGE = Path(__file__).parents[2] / "posxero"
ELSEWHERE = {"practice", "db"}  # Xero's own words; the database's
READ_ALOUD = re.compile(r'(?:aria-label|placeholder|title|alt|hx-confirm|data-stay)="([^"]*)"')
STUMBLES = [
    r"\bgo(es|ing)? on\b",
    "by itself",
    "left out",
    "refused",
    "in doubt",
    "anew",
    "match one customer",
    "no decision yet",
    "does not take is listed",
    "what xero answered",
    "does not answer at the moment",
    "it stands",
    "stands? (here|in the books)",
    "permission good until",
    "you cannot do this",
    "does not allow this",
    "is not right",
    "tell it to the person",
    "keep what is saved",
    "direct dial",
    "^numbers$",
    "mostly for",
    "error of its own",
    "calls of today",
    "tick that you mean",
    "could not be used",
    r"\btell us\b",
]
STUMBLING = re.compile("|".join(f"(?:{one})" for one in STUMBLES), re.IGNORECASE)


def modules() -> list[Path]:
    paths = (path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
    return sorted(path for path in paths if path.parts[0] not in ELSEWHERE)


def pages() -> list[Path]:
    return sorted(path.relative_to(PACKAGE) for path in (PACKAGE / "templates").rglob("*.html"))


def scripts() -> list[Path]:
    return sorted(path.relative_to(PACKAGE) for path in (PACKAGE / "static").glob("*.js"))


def words_of_a_module(source: str) -> Iterator[str]:
    """Return the strings of a module that are sentences or labels; docstrings and keys are not shown."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value if " " in node.value or node.value[:1].isupper() else ""


def words_of_a_page(source: str) -> Iterator[str]:
    """Return the text of a template, and the words in its expressions and in attributes that are read aloud."""
    tokens = list(jinja2.Environment(autoescape=True).lex(source))
    yield from (value[1:-1] for _, kind, value in tokens if kind == "string" and (" " in value or value[1:2].isupper()))
    markup = "".join(value for _, kind, value in tokens if kind == "data")
    yield from READ_ALOUD.findall(markup)
    yield from (" ".join(text.split()) for text in re.split(r"<[^>]*>", markup))


def words_of_a_script(source: str) -> Iterator[str]:
    """Return the strings of a script; its comments are not shown."""
    found = re.findall(r"\"([^\"\n]*)\"|`([^`]*)`", re.sub(r"(?m)//.*$", "", source))
    yield from ("".join(pair) for pair in found if " " in "".join(pair))


def stumbles(words: Iterator[str]) -> list[str]:
    return [text for text in words if STUMBLING.search(text)]


@pytest.mark.parametrize(
    ("paths", "words_of"),
    [(modules(), words_of_a_module), (pages(), words_of_a_page), (scripts(), words_of_a_script)],
    ids=["code", "templates", "scripts"],
)
def test_nobody_stumbles_over_a_sentence(paths: list[Path], words_of: Callable[[str], Iterator[str]]) -> None:
    found = {str(path): stumbles(words_of((PACKAGE / path).read_text(encoding="utf-8"))) for path in paths}
    assert {path: texts for path, texts in found.items() if texts} == {}
    assert len(found) >= len(scripts())


def test_a_stumble_is_found_wherever_it_is_shown() -> None:
    page = (
        """{# go on #}<p class="refused">{{ "Left out" if x }}</p><a aria-label="Go on" title="{{ y }}">in doubt</a>"""
    )
    assert stumbles(words_of_a_page(page)) == ["Left out", "Go on", "in doubt"]
    module = '"""Go on."""\nKEY = "refused"\nSAID = f"{KEY} were left out"\n\ndef go():\n    """Go on."""\n'
    assert stumbles(words_of_a_module(module)) == [" were left out"]
    assert stumbles(words_of_a_script('// "go on" here\nsay("now", "Please go on.");')) == ["Please go on."]


def test_times_of_day_are_written_in_one_module() -> None:
    writing = re.compile(r"%H|%I|%M|%X|%c|time\(\)\.isoformat")
    paths = {*modules(), *pages()} - {Path("web/times.py")}
    found = {str(path) for path in paths if writing.search((PACKAGE / path).read_text(encoding="utf-8"))}
    read_by_programs = {
        "blueprints/customers/bulk_send.py",
        "blueprints/health.py",
        "domain/csv_cells.py",
        "xero/contacts_api.py",
    }
    assert found == read_by_programs
