"""The answer to a save over what was saved meanwhile: both sides, and a choice."""

from flask import Response

from posxero.blueprints.customers.contact_kind import contact_kind
from posxero.blueprints.customers.contact_page import ContactPage
from posxero.domain.fields import by_key
from posxero.services.contacts.conflicts import Conflict
from posxero.services.contacts.rules import CodeTaken
from posxero.web.htmx import render
from posxero.web.sign_in import current_user


def answer(contact_page: ContactPage, conflict: Conflict, *, version: int, taken: CodeTaken | None = None) -> Response:
    """Ask which side to keep.

    Args:
        contact_page: The contact.
        conflict: What is asked.
        version: The one that the form was opened with.
        taken: Why a version cannot be restored as it was: its code is another contact's.
    """
    return render(
        "customers/conflict.html",
        block={f"customer-{contact_page.contact.id}": "form"},
        status=409,
        kind=contact_kind(),
        contact_page=contact_page,
        conflict=conflict,
        version=version,
        taken=taken,
        you=current_user.name,
        by_key=by_key,
    )
