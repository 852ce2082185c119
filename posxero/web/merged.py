"""Addresses of customers that were merged into others lead to those, and say so."""

from flask import Flask, url_for
from flask.typing import ResponseReturnValue

from posxero.domain.kinds import ContactKind
from posxero.services.errors import Merged
from posxero.web.htmx import go_to, request, toast


def init_app(app: Flask) -> None:
    """Register the handler."""
    app.register_error_handler(Merged, _redirect_to_survivor)


def _redirect_to_survivor(merged: Merged) -> ResponseReturnValue:
    """Redirect to the same page of the survivor; a form leads to its own page."""
    kind = ContactKind.SUPPLIER if request.blueprint == "suppliers" else ContactKind.CUSTOMER
    arguments = {**(request.view_args or {}), **request.args.to_dict(), "contact_id": merged.survivor_id}
    if request.method in {"GET", "HEAD"} and "contact_id" in (request.view_args or {}):
        toast(f"{merged.name} was merged into this {kind.one}.", "info")
        return go_to(url_for(request.endpoint or "", **arguments))
    toast(f"{merged.name} was merged into this {kind.one} meanwhile. Nothing was changed.", "warn")
    return go_to(url_for(f"{kind.many}.show", contact_id=merged.survivor_id))
