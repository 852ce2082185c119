"""Which of the two kinds of contact a request is about."""

from posxero.blueprints.customers import bp
from posxero.domain.field import Field
from posxero.domain.kinds import ContactKind
from posxero.web.htmx import request


def contact_kind() -> ContactKind:
    """Return the kind that the address names: /suppliers or /customers."""
    return ContactKind.SUPPLIER if request.blueprint == "suppliers" else ContactKind.CUSTOMER


@bp.app_template_filter("named")
def named(field: Field) -> Field:
    """Return a field with the label that it has on the pages of this kind of contact."""
    return field.named_for(contact_kind())
