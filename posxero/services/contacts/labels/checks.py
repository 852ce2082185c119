"""The groups and tags that are typed for a contact: spelled as the business has them, and refused where it has none."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from posxero.domain.fields import by_key
from posxero.domain.labels import LabelKind, unknown_name, with_known_names
from posxero.services.contacts.labels.vocabulary import Names, load_names

KIND_BY_KEY: Final = {kind.field_key: kind for kind in LabelKind}
UNKNOWN: Final = "There is no {kind} called {name}. {cure}"
CURE: Final = "A manager adds {kinds} in Settings"


def with_names(session: Session, business_id: UUID, values: Mapping[str, str]) -> dict[str, str]:
    """Return fields with their groups and tags spelled as the business has them; asks only where there are some."""
    typed = [key for key in KIND_BY_KEY if values.get(key)]
    if not typed:
        return dict(values)
    names = load_names(session, business_id)
    known = {key: with_known_names(values[key], KIND_BY_KEY[key], names[KIND_BY_KEY[key]]) for key in typed}
    return {**values, **known}


def changes_with_names(
    session: Session, business_id: UUID, changed: Mapping[str, tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    """Return changes with their groups and tags spelled so, without those that then change nothing."""
    known = with_names(session, business_id, {key: changed[key][1] for key in KIND_BY_KEY if key in changed})
    found = {key: (old, known.get(key, new)) for key, (old, new) in changed.items()}
    return {
        key: (old, new)
        for key, (old, new) in found.items()
        if key not in known or not by_key(key).kind.is_unchanged(old, new)
    }


def errors_of(
    session: Session, business_id: UUID, values: Mapping[str, str], changed: Collection[str]
) -> dict[str, str]:
    """Return a sentence by the key of each changed field that names a group or tag that the business does not have."""
    keys = [key for key in KIND_BY_KEY if key in changed and values.get(key)]
    if not keys:
        return {}
    names, errors = load_names(session, business_id, lock=True), {}
    for key in keys:
        kind = KIND_BY_KEY[key]
        if unknown := unknown_name(values[key], kind, names[kind]):
            errors[key] = _unknown(kind, unknown, names)
    return errors


def match_names(values: Mapping[str, str], names: Names) -> tuple[dict[str, str], str]:
    """Return fields with their groups and tags spelled as in `names`, and a sentence about one that is not there."""
    matched, problem = dict(values), ""
    for key, kind in KIND_BY_KEY.items():
        if text := by_key(key).kind.clean(values.get(key, "")):
            matched[key] = with_known_names(text, kind, names[kind])
            unknown = unknown_name(text, kind, names[kind])
            problem = problem or (_unknown(kind, unknown, names) if unknown else "")
    return matched, problem


def _unknown(kind: LabelKind, name: str, names: Names) -> str:
    known = names[kind].values()
    cure = f"Your {kind.many}: {', '.join(known)}" if known else CURE.format(kinds=kind.many)
    return UNKNOWN.format(kind=kind.value, name=name, cure=cure)
