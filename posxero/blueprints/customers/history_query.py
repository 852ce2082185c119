"""The query string of a history: what happened, who did it, which field, and where its page begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from flask import url_for

from posxero.blueprints.customers.contact_kind import named
from posxero.domain.fields import FIELDS, KEYS
from posxero.domain.history_topics import HistoryTopic
from posxero.services.contacts.history.entries import BY_IMPORT, BY_ITSELF, BY_XERO, HistoryFilter
from posxero.web.htmx import request
from posxero.web.numbers import parse_uuid

NAME_MAX = 255  # characters of a person's name
Options = list[tuple[str, str]]  # value and words

TOPICS: Options = [("", "Everything"), *((topic.value, topic.label) for topic in HistoryTopic)]
AUTOMATIC: Options = [(BY_IMPORT, "An import"), (BY_XERO, "Xero"), (BY_ITSELF, "Retail POS (automatic)")]


@dataclass(frozen=True)
class HistoryQuery:
    """What a request asks of a history."""

    chosen: HistoryFilter
    before: UUID | None
    after: UUID | None

    @classmethod
    def from_request(cls) -> Self:
        """Parse the query string of the request; an invalid parameter is ignored."""
        args = request.args
        what, field = args.get("what", ""), args.get("field", "")
        chosen = HistoryFilter(
            topic=HistoryTopic(what) if what in set(HistoryTopic) else None,
            actor=args.get("who", "")[:NAME_MAX],
            field=field if field in KEYS else "",
        )
        return cls(chosen, parse_uuid(args.get("before")), parse_uuid(args.get("after")))

    @property
    def params(self) -> dict[str, str]:
        """The parameters of the filter that differ from the defaults."""
        topic = self.chosen.topic.value if self.chosen.topic else ""
        params = {"what": topic, "who": self.chosen.actor, "field": self.chosen.field}
        return {key: value for key, value in params.items() if value}

    def url(self, contact_id: UUID, **place: Any) -> str:
        """Return the address of a page of this history: `before` or `after` an entry, else the newest."""
        query: dict[str, Any] = {**self.params, **place}
        return url_for(".history", contact_id=contact_id, **query)

    def actors(self, names: Sequence[str]) -> Options:
        """Return the choices of who did it, among these people."""
        asked = self.chosen.actor
        known = [*names, asked] if asked and asked not in {*names, *dict(AUTOMATIC)} else names
        return [("", "Anyone"), *((name, name) for name in known), *AUTOMATIC]


def field_options() -> Options:
    """Return the fields to choose from, as the pages of this kind of contact call them."""
    return [("", "Any field"), *((field.key, named(field).full_label) for field in FIELDS)]
