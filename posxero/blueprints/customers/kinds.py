"""Which of the two kinds of contact a request is about."""

from posxero.domain.kinds import Kind
from posxero.web.htmx import request


def kind() -> Kind:
    """Tell by the address: /suppliers or /customers."""
    return Kind.SUPPLIER if request.blueprint == "suppliers" else Kind.CUSTOMER
