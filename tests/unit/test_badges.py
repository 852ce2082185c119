"""Badges as pages draw them."""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import posxero
from posxero.domain.enums import SyncState

TEMPLATES = Path(posxero.__file__).parent / "templates"


def test_each_state_has_a_sign_of_its_own_because_not_everybody_sees_colours() -> None:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True)
    badge = environment.get_template("shared/_badge.html").module.badge  # type: ignore[attr-defined]  # Jinja's macro
    drawn = {state: str(badge(state, state.label)) for state in SyncState}
    assert all(f"badge-{state}" in html and f"</svg>{state.label}<" in html for state, html in drawn.items())
    signs = {re.sub(r"\s+", " ", html[html.index("<svg") : html.index("</svg>")]) for html in drawn.values()}
    assert len(signs) == len(SyncState)
    assert all("<path" in sign or "<circle" in sign for sign in signs)
