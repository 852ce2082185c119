"""Which of the two kinds of contact a request is about."""

from posxero.domain.kinds import ContactKind
from posxero.web.htmx import request


def contact_kind() -> ContactKind:
    """Tell by the address: /suppliers or /customers."""
    return ContactKind.SUPPLIER if request.blueprint == "suppliers" else ContactKind.CUSTOMER
