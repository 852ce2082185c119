"""The groups and tags of the business, as forms and filters offer them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from flask import g

from posxero.domain.labels import LabelKind, label_key

Options = list[tuple[str, str]]  # value and words


@dataclass(frozen=True)
class LabelChoices:
    """The names of the business's groups and tags, each by its `label_key`."""

    groups: Mapping[str, str]
    tags: Mapping[str, str]

    @classmethod
    def load(cls) -> Self:
        """Read them off the row of the business."""
        groups, tags = (g.business.list_choices.get(kind.many, ()) for kind in LabelKind)
        return cls(*({label_key(name): name for name in names} for names in (groups, tags)))

    def group_options(self, chosen: str) -> Options:
        """Return what can be chosen as a contact's group, what is chosen already among it."""
        return [("", "None"), *_options(self.groups, chosen)]

    def group_filters(self, chosen: str) -> Options:
        """Return what a list can be filtered by; nothing where the business has no groups."""
        options = _options(self.groups, chosen)
        return [("", "Any group"), *options] if options else []

    def tag_filters(self, chosen: str) -> Options:
        """Return what a list can be filtered by; nothing where the business has no tags."""
        options = _options(self.tags, chosen)
        return [("", "Any tag"), *options] if options else []

    @property
    def group_hint(self) -> str:
        """What stands under the label of the group."""
        return "" if self.groups else "A manager adds groups in Settings"

    @property
    def tags_hint(self) -> str:
        """What stands under the label of the tags: which there are."""
        if not self.tags:
            return "A manager adds tags in Settings"
        return f"Separate them with commas. Your tags: {', '.join(self.tags.values())}"


def _options(names: Mapping[str, str], chosen: str) -> Options:
    unknown = [chosen] if chosen and label_key(chosen) not in names else []
    return [(name, name) for name in (*names.values(), *unknown)]
