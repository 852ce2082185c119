"""A sale whose customer went away while somebody typed it: everything is kept, and another customer is chosen."""

from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

from flask import Response, g

from posxero.blueprints.sales.sale_form import ADD_LINE, TypedSale
from posxero.db.contact import Contact
from posxero.db.session import db
from posxero.domain.kinds import ContactKind
from posxero.domain.query import LENGTH_MAX
from posxero.services.contacts import contacts
from posxero.services.contacts.search import results
from posxero.services.contacts.search.results import ListQuery, ResultPage
from posxero.services.errors import Merged
from posxero.services.sales.errors import ArchivedCustomer
from posxero.web.htmx import render, request
from posxero.web.request_time import request_time
from posxero.web.sync_status import connection_status

CONTINUE: Final = "continue"  # the name of the button that opens the form with another customer
MOST: Final = 8  # customers that a search offers
FIND: Final = "find_customer"  # of the one that searches
ERASED: Final = "The details of this customer were erased."
MERGED: Final = "{name} was merged into {survivor}."
MERGED_AND_ERASED: Final = "{name} was merged into a customer whose details were erased."


@dataclass(frozen=True)
class NotChargeable:
    """Why nothing can be sold to a customer, and with whom to continue: itself once it is restored, or its survivor."""

    reason: str
    contact: Contact | None = None
    is_archived: bool = False

    @classmethod
    def of(cls, contact_id: UUID, refusal: Exception) -> Self:
        """Put a refusal into words."""
        if isinstance(refusal, ArchivedCustomer):
            return cls(str(refusal), contacts.get(db.session, g.business.id, contact_id), is_archived=True)
        if isinstance(refusal, Merged):
            survivor = _survivor(refusal)
            words = MERGED if survivor else MERGED_AND_ERASED
            return cls(words.format(name=refusal.name, survivor=survivor.name if survivor else ""), survivor)
        return cls(ERASED)


def choose_another(contact_id: UUID, typed: TypedSale, refusal: Exception) -> Response:
    """Answer the form as it was typed, with a search for another customer."""
    text = request.form.get("customer", "")[:LENGTH_MAX]
    is_asking = FIND in request.form or ADD_LINE in request.form
    return render(
        "sales/another_customer.html",
        block={"sale-new": "form"},
        status=200 if is_asking else 422,
        contact_id=contact_id,
        typed=typed,
        unavailable=NotChargeable.of(contact_id, refusal),
        is_asking=is_asking,
        customer=text,
        found=_find(text) if text.strip() else None,
        most=MOST,
    )


def _find(text: str) -> ResultPage:
    asked = ListQuery(ContactKind.CUSTOMER, typed=text)
    return results.find(db.session, g.business.id, asked, connection_status(), request_time())


def _survivor(merged: Merged) -> Contact | None:
    """Return into whom a customer was merged at last; None once those details were erased."""
    try:
        survivor = contacts.get(db.session, g.business.id, merged.survivor_id)
    except Merged as again:
        return _survivor(again)
    return None if survivor.erased_at else survivor
