"""Tokens that make a form count once, however often it is sent."""

import re
from collections.abc import Mapping
from uuid import uuid4

from posxero.web.htmx import request

KEY = re.compile("[!-~]{1,64}")  # short and printable: whoever wrote the form


def new_idempotency_key() -> str:
    """Give an empty form its token: the hidden field `idem`."""
    return uuid4().hex


def submitted_idempotency_key() -> str:
    """Read the token of the form that was sent; "" where it cannot be one."""
    return idempotency_key_of(request.form)


def idempotency_key_of(form: Mapping[str, str]) -> str:
    """Return the token of a form; "" where it cannot be one."""
    sent = form.get("idem", "")
    return sent if KEY.fullmatch(sent) else ""
