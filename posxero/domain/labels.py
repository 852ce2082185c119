"""Groups and tags: how a contact's are written, compared and stored.

A contact is in one group at most, and has up to `TAGS_MAX` tags. The value of its field is their names: "Trade", and
"Newsletter, VIP". The column of the tags stores "|Newsletter|VIP|", in which one of them is found by LIKE.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from posxero.domain.enums import LabelledEnum
from posxero.domain.field_rules import RuleContext
from posxero.domain.text import normalise

NAME_MAX: Final = 30  # characters of the name of a group or tag
TAGS_MAX: Final = 10  # of one contact
FORBIDDEN: Final = ",|<>"  # in a name: what separates tags, in a value and in the column, and what no name holds


class LabelKind(LabelledEnum):
    """What a label is."""

    GROUP = "group", "Group"
    TAG = "tag", "Tag"

    @property
    def many(self) -> str:
        """Return the noun for several."""
        return f"{self.value}s"

    @property
    def field_key(self) -> str:
        """Return the key of the field that holds it."""
        return "customer_group" if self is LabelKind.GROUP else "tags"


def label_key(name: str) -> str:
    """Return what makes two names of labels the same: case does not matter."""
    return normalise(name).casefold()


def split_tags(value: str) -> list[str]:
    """Return the names in the value of the tags, each once, in their order."""
    names = (normalise(name) for name in value.split(","))
    return sorted({label_key(name): name for name in names if name}.values(), key=label_key)


def join_tags(names: Iterable[str]) -> str:
    """Return the value of the tags."""
    return ", ".join(split_tags(",".join(names)))


def clean_tags(value: str) -> str:
    """Return the value of the tags in the one form that is compared and saved."""
    return join_tags(value.split(","))


def same_tags(one: str, other: str) -> bool:
    """Return whether two values name the same tags."""
    return clean_tags(one) == clean_tags(other)


def parse_tags(value: str) -> str:
    """Return what the column stores of a value."""
    names = split_tags(value)
    return f"|{'|'.join(names)}|" if names else ""


def render_tags(stored: str) -> str:
    """Return the value of what the column stores."""
    return join_tags(stored.split("|"))


def tag_pattern(name: str) -> str:
    """Return the LIKE pattern of the columns that hold a tag; its escape character is `/`."""
    escaped = name.replace("/", "//").replace("%", "/%").replace("_", "/_")
    return f"%|{escaped}|%"


def check_tags(_label: str, value: str, _context: RuleContext) -> str:
    """Refuse more tags than a contact may have."""
    count = len(split_tags(value))
    return f"Choose {TAGS_MAX} tags at most. There are {count} now" if count > TAGS_MAX else ""


def check_label_name(name: str, kind: LabelKind) -> str:
    """Return what is wrong with the name of a group or tag; "" when all is well."""
    if not name:
        return f"Enter the name of the {kind.value}"
    if len(name) > NAME_MAX:
        return f"The name must be {NAME_MAX} characters or fewer. It is {len(name)} characters now"
    wrong = next((sign for sign in name if sign in FORBIDDEN), "")
    return f"The name of a {kind.value} cannot contain {wrong}" if wrong else ""


def with_known_names(value: str, kind: LabelKind, known: Mapping[str, str]) -> str:
    """Return the value of a field with every name spelled as it is known; a name that nobody knows stays.

    Args:
        known: Name by `label_key`.
    """
    if kind is LabelKind.GROUP:
        return known.get(label_key(value), value)
    return join_tags(known.get(label_key(name), name) for name in split_tags(value))


def unknown_name(value: str, kind: LabelKind, known: Mapping[str, str]) -> str:
    """Return the first name in the value of a field that is no label's; "" when all are."""
    names = split_tags(value) if kind is LabelKind.TAG else [value] if value else []
    return next((name for name in names if label_key(name) not in known), "")
