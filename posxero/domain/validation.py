"""What may be saved: nothing that Xero would have to refuse."""

from collections.abc import Collection, Mapping

from posxero.domain.field import Field
from posxero.domain.field_rules import RuleContext
from posxero.domain.fields import FIELDS
from posxero.domain.text import utf16_length


def check(values: Mapping[str, str], *, changed: Collection[str], context: RuleContext) -> dict[str, str]:
    """Check the fields that the user changed; an unchanged imported value is kept as it is.

    Args:
        values: Every field by key, cleaned (`normalise.clean`).
        changed: The keys to check; for a new contact, all of them.
        context: What the rules depend on besides the values.

    Returns:
        One message in plain words by field key; empty when all is well.
    """
    found = {field.key: message(field, values.get(field.key, ""), context) for field in FIELDS if field.key in changed}
    return {key: text for key, text in found.items() if text}


def message(field: Field, value: str, context: RuleContext) -> str:
    """Return what is wrong with the value of a field, in plain words; "" when all is well."""
    length, label = utf16_length(value), field.named_for(context.contact_kind).full_label
    if length > field.max_length:
        return f"{label} must be {field.max_length} characters or fewer. It is {length} characters now"
    rules = (rule for rule in (field.kind.rule, field.rule) if rule)
    return next((text for rule in rules if (text := rule(label, value, context))), "")
