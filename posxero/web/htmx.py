"""htmx 4 for Flask: typed request headers, one template for page and fragment, redirects, toasts.

htmx-flask is the base; it knows the headers of htmx 1, so the ones that changed are read here
(four.htmx.org, "What's new in htmx 4").
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import unquote

from flask import (
    Flask,
    Response,
    current_app,
    flash,
    get_flashed_messages,
    get_template_attribute,
    make_response,
    redirect,
    render_template,
    session,
)
from flask import request as flask_request
from flask.typing import ResponseReturnValue
from htmx_flask import Htmx
from htmx_flask.requests import HtmxAwareRequest, HtmxHeaders
from jinja2_fragments.flask import render_block
from werkzeug.datastructures import Headers, ImmutableMultiDict, MultiDict
from werkzeug.utils import cached_property

TITLE = "title"  # the block that every whole page has
FLASHED = "_flashes"  # Flask's key of the session
MAX_UNSEEN = 3  # messages that wait for a page: where none is opened after the acts, they fill the session's cookie
Blocks = Mapping[str, str]  # id of the target -> name of the block


class HtmxRequestHeaders(HtmxHeaders):
    """The request headers of htmx 4."""

    _headers: Headers

    def __bool__(self) -> bool:
        """Return whether htmx sent the request."""
        return bool(super().__bool__())

    @property
    def partial(self) -> bool:
        """Return whether a fragment is wanted: htmx says so for a swap into part of a page."""
        return bool(self) and self._headers.get("HX-Request-Type") == "partial"

    @property
    def target_id(self) -> str:
        """The id of the element that will be swapped; "" when it has none."""
        _tag, _hash, ident = self._headers.get("HX-Target", "").partition("#")
        return unquote(ident)


class Request(HtmxAwareRequest):
    """Flask's request with `htmx`, and a query string without NUL, which text of PostgreSQL cannot hold."""

    htmx: HtmxRequestHeaders

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The parameters of the query string."""
        return ImmutableMultiDict((key, text.replace("\0", "")) for key, text in super().args.items(multi=True))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.htmx = HtmxRequestHeaders(self.headers)


request = cast("Request", flask_request)


def init_app(app: Flask) -> None:
    """Read htmx's headers on every request, and add Vary for caches."""
    Htmx(app)
    app.request_class = Request  # after Htmx(), which sets its own

    @app.after_request
    def _vary(response: Response) -> Response:
        response.vary.update(("HX-Request", "HX-Request-Type"))
        return response


def render(template: str, *, block: str | Blocks = "", status: int = 200, **context: Any) -> Response:
    """Return the page, or the one block of it that htmx asked for.

    Args:
        template: Of the page, `<blueprint>/<endpoint>.html`.
        block: The block for fragments, or a table from the ids of targets to blocks.
            A target that is not in the table gets the page.
        status: 422 for a form with errors, 409 for a conflict.
        context: Of the template.
    """
    name = _block_name(block)
    if not name:
        return make_response(render_template(template, **context), status)
    parts = (_title(template, context), render_block(template, name, **context), _flashed())
    return make_response("".join(parts), status)


def _title(template: str, context: Mapping[str, Any]) -> str:
    """Render the title that goes with a fragment, for htmx to set; "" for a template that is no whole page."""
    if TITLE not in current_app.jinja_env.get_template(template).blocks:
        return ""
    return f"<title>{render_block(template, TITLE, **context)} · Retail POS</title>"  # as in base.html


def go_to(url: str, *, stay: bool = False) -> ResponseReturnValue:
    """Redirect after a successful POST.

    Args:
        url: The target.
        stay: The URL's own fragment fills the same target: htmx follows the 303.
            Otherwise htmx loads it as another page.
    """
    if request.htmx and not stay:
        return "", 204, {"HX-Location": url}
    return redirect(url, 303)


def toast(message: str, kind: str = "ok", *, undo_url: str = "") -> None:
    """Show a message once: a toast on the current page, or a banner on the next one.

    Args:
        message: One short sentence.
        kind: ok, info, warn or bad.
        undo_url: What its button *Undo* posts to; "" for none.
    """
    flash({"text": message, "undo_url": undo_url} if undo_url else message, kind)  # type: ignore[arg-type]  # kept as JSON
    session[FLASHED] = session[FLASHED][-MAX_UNSEEN:]


def _block_name(block: str | Blocks) -> str:
    if not request.htmx.partial:
        return ""
    return block if isinstance(block, str) else block.get(request.htmx.target_id, "")


def toasts(messages: Sequence[tuple[str, str]]) -> str:
    """Render the fragment that adds messages, each with its kind, to the page's region for toasts."""
    macro = get_template_attribute("shared/_toast.html", "toasts")
    return str(macro(messages))


def _flashed() -> str:
    messages = get_flashed_messages(with_categories=True)
    return toasts(cast("list[tuple[str, str]]", messages)) if messages else ""
