"""Idempotency keys: each form that creates something carries one and counts once, however often it is sent."""

import re
from collections.abc import Mapping
from uuid import uuid4

from posxero.web.htmx import request

KEY_PATTERN = re.compile("[!-~]{1,64}")  # printable ASCII, as long as the column


def new_idempotency_key() -> str:
    """Return the key of an empty form: its hidden field `idempotency_key`."""
    return uuid4().hex


def submitted_idempotency_key() -> str:
    """Return the key of the submitted form; "" where it has none or an invalid one."""
    return idempotency_key_of(request.form)


def idempotency_key_of(form: Mapping[str, str]) -> str:
    """Return the key of a form; "" where it has none or an invalid one."""
    key = form.get("idempotency_key", "")
    return key if KEY_PATTERN.fullmatch(key) else ""
