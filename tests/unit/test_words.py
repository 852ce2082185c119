import pytest

from posxero.domain import enums
from posxero.domain.enums import ActivityKind, LinkState, Phase, Right, Role, SyncState, holders

STORED = [
    enums.Role,
    enums.LinkState,
    enums.ConnectionState,
    enums.Phase,
    enums.Decision,
    enums.Outcome,
    enums.ActivityKind,
]
LONGEST = 20  # characters; the column of an enum


@pytest.mark.parametrize("kind", STORED)
def test_a_stored_word_is_short_and_lower_case(kind: type[enums.Role]) -> None:
    assert all(word.value == word.value.lower() and len(word.value) <= LONGEST for word in kind)


@pytest.mark.parametrize("kind", [*STORED, enums.SyncState])
def test_every_word_has_a_label_for_the_screen(kind: type[enums.Role]) -> None:
    labels = [word.label for word in kind]
    assert all(label[0].isupper() and "_" not in label for label in labels)
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        (Role.OWNER, {Right.READ, Right.EDIT, Right.MANAGE, Right.OWN, Right.EXPORT, Right.AUDIT}),
        (Role.MANAGER, {Right.READ, Right.EDIT, Right.MANAGE, Right.AUDIT}),
        (Role.STAFF, {Right.READ, Right.EDIT}),
        (Role.BOOKKEEPER, {Right.READ, Right.EXPORT, Right.AUDIT}),
    ],
)
def test_a_role_holds_its_rights_and_no_other(role: Role, rights: set[Right]) -> None:
    assert {right for right in Right if role.may(right)} == rights


def test_the_holders_of_a_right_can_be_named() -> None:
    assert holders(Right.MANAGE) == (Role.OWNER, Role.MANAGER)


def test_badges_say_the_words_of_the_product() -> None:
    assert [(state.value, state.label) for state in SyncState if state is not SyncState.GONE] == [
        ("none", "Not linked"),
        ("synced", "Synced"),
        ("waiting", "Waiting"),
        ("paused", "Paused"),
        ("failed", "Not sent"),
        ("changed", "Differs from Xero"),
    ]


def test_a_link_is_gone_when_xero_no_longer_has_the_contact_in_use() -> None:
    assert [state.label for state in LinkState if state.is_gone] == [
        "Archived in Xero",
        "Merged in Xero",
        "Erased in Xero",
        "Not in Xero",
    ]


def test_an_import_is_over_when_nothing_more_will_happen() -> None:
    ended = {Phase.FINISHED, Phase.PREVIEWED, Phase.CANCELLED, Phase.FAILED, Phase.UNDONE}
    assert {phase for phase in Phase if phase.is_over} == ended


def test_the_history_says_what_happened() -> None:
    assert ActivityKind.SENT.label == "Sent to Xero"
    assert ActivityKind.EDITED.label == "Edited"
