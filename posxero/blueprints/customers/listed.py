"""The address of a list: what was typed, the filter, the order and the page.

These words go along to the pages of its contacts (`/customers/<id>?q=ann&page=2`), and through every form and link
there, so that the way back leads to the same list. They only ever name a list of ours: there is no address to forge.
"""

from typing import Any
from urllib.parse import urlencode

from flask import has_request_context, url_for

from posxero.blueprints.customers import bp
from posxero.blueprints.customers.kinds import kind
from posxero.domain.query import LENGTH_MAX
from posxero.services.contacts.search.results import NEWEST, ListQuery
from posxero.services.contacts.search.statements import FILTERS
from posxero.web.htmx import request
from posxero.web.numbers import whole


def asked() -> ListQuery:
    """Read the address; what cannot be read is left out."""
    args = request.args
    return ListQuery(
        kind(),
        typed=args.get("q", "")[:LENGTH_MAX],
        sync=args.get("sync", "") if args.get("sync", "") in FILTERS else "",
        sort=NEWEST if args.get("sort") == NEWEST else "",
        page=max(1, whole(args.get("page"), 1)),
    )


def query(of: ListQuery, *, page: int = 1) -> dict[str, str]:
    """Return the words of a list's address; what is as usual is not said."""
    words = {"q": of.typed, "sync": of.sync, "sort": of.sort, "page": str(page) if page > 1 else ""}
    return {key: value for key, value in words.items() if value}


def address(of: ListQuery, *, page: int = 1) -> str:
    """Return the address of a list."""
    return with_query(url_for(".index"), query(of, page=page))


def with_query(path: str, words: dict[str, str]) -> str:
    """Return an address of a path and words."""
    return f"{path}?{urlencode(words)}" if words else path


@bp.url_defaults
def _keep_list(_endpoint: str, values: dict[str, Any]) -> None:
    """Carry the list's words from one page of a contact to the next."""
    if "contact_id" in values and has_request_context() and "contact_id" in (request.view_args or {}):
        list_asked = asked()
        for key, value in query(list_asked, page=list_asked.page).items():
            values.setdefault(key, value)
