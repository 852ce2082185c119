"""Tokens that make a form count once, however often it is sent."""

import re
from collections.abc import Mapping
from uuid import uuid4

from posxero.web.htmx import request

TOKEN = re.compile("[!-~]{1,64}")  # short and printable: whoever wrote the form


def new_token() -> str:
    """Give an empty form its token: the hidden field `idem`."""
    return uuid4().hex


def sent_token() -> str:
    """Read the token of the form that was sent; "" where it cannot be one."""
    return token_of(request.form)


def token_of(form: Mapping[str, str]) -> str:
    """Return the token of a form; "" where it cannot be one."""
    sent = form.get("idem", "")
    return sent if TOKEN.fullmatch(sent) else ""
