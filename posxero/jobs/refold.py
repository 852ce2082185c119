"""Fold the phone numbers of a business again, by its new country."""

from uuid import UUID

from posxero.db.session import db
from posxero.services.contacts.search import keys


def refold(business_id: str) -> None:
    """Fold until every contact follows the business's country."""
    keys.refold(db.session, UUID(business_id))
