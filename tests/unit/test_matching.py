from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from posxero.domain.enums import Decision
from posxero.domain.matching import CANDIDATES_MAX, Candidate, Index, Match, MatchReason, Pair, match

NAMES = st.sampled_from(["", "ann", "bob", "cy"])
EMAILS = st.sampled_from(["", "a@x", "b@x"])
PHONES = st.lists(st.sampled_from(["+641", "+642"]), max_size=2, unique=True).map(tuple)


def contact(number: int, name: str = "", email: str = "", *phones: str) -> Candidate:
    return Candidate(UUID(int=number), name, email, phones)


def contacts(first: int) -> st.SearchStrategy[list[Candidate]]:
    return st.lists(st.tuples(NAMES, EMAILS, PHONES), max_size=6).map(
        lambda rows: [Candidate(UUID(int=first + n), *row) for n, row in enumerate(rows)]
    )


def agree(one: Candidate, other: Candidate) -> bool:
    return (
        (bool(one.name_key) and one.name_key == other.name_key)
        or (bool(one.email_key) and one.email_key == other.email_key)
        or not set(one.phone_keys).isdisjoint(other.phone_keys)
    )


def duplicates(xero: Iterable[Candidate]) -> frozenset[Pair]:
    counted = Counter(one.pair for one in xero if one.pair)
    return frozenset(pair for pair, count in counted.items() if count > 1)


def decide(xero: Candidate, ours: list[Candidate], others: list[Candidate] | None = None) -> Match:
    return match(xero, Index.of(ours), duplicates([xero, *(others or [])]))


@given(contacts(100), contacts(200))
@settings(max_examples=100)
def test_the_rule_of_matching_holds(ours: list[Candidate], theirs: list[Candidate]) -> None:
    index, twice = Index.of(ours), duplicates(theirs)
    for xero in theirs:
        found = match(xero, index, twice)
        both = [one for one in ours if xero.pair is not None and one.pair == xero.pair]
        alike = [one for one in ours if agree(one, xero)]
        alone = sum(other.pair == xero.pair for other in theirs) == 1
        if len(both) == 1 and alone:
            assert found == Match(Decision.LINK, (MatchReason.SAME_NAME_AND_EMAIL,), (both[0].contact_id,))
        elif alike:
            assert found.decision is None
            assert set(found.candidates) == {one.contact_id for one in alike}
            assert found.reasons
        else:
            assert found == Match(Decision.ADD)


@given(contacts(100), contacts(200))
@settings(max_examples=50)
def test_no_contact_of_ours_is_linked_twice(ours: list[Candidate], theirs: list[Candidate]) -> None:
    index, twice = Index.of(ours), duplicates(theirs)
    linked = [found.candidates[0] for one in theirs if (found := match(one, index, twice)).decision is Decision.LINK]
    assert len(set(linked)) == len(linked)


def test_same_name_and_email_is_the_same_customer() -> None:
    found = decide(contact(1, "ann", "a@x"), [contact(2, "ann", "a@x"), contact(3, "bob", "a@x")])
    assert (found.decision, found.candidates) == (Decision.LINK, (UUID(int=2),))


def test_empty_fields_never_agree() -> None:
    assert decide(contact(1, "", ""), [contact(2, "", "")]).decision is Decision.ADD
    assert decide(contact(1, "ann", ""), [contact(2, "ann", "")]).decision is None


def test_an_ambiguous_match_says_why() -> None:
    ours = [contact(2, "ann", "b@x", "+641"), contact(3, "bob", "a@x")]
    found = decide(contact(1, "ann", "a@x", "+641"), ours)
    assert found.reason == "same name, same email, same phone, several contacts match"


def test_the_best_candidate_comes_first() -> None:
    ours = [contact(2, "bob", "", "+641"), contact(3, "ann", "", "+641"), contact(4, "ann", "")]
    assert decide(contact(1, "ann", "", "+641"), ours).candidates == tuple(UUID(int=n) for n in (3, 4, 2))


def test_two_of_xero_and_one_of_ours_is_ambiguous() -> None:
    found = decide(contact(1, "ann", "a@x"), [contact(9, "ann", "a@x")], [contact(2, "ann", "a@x")])
    assert found.decision is None
    assert found.reason == "same name and email, two Xero contacts match the same contact here"


def test_contacts_of_xero_that_only_agree_with_each_other_are_added() -> None:
    found = decide(contact(1, "ann", "a@x"), [contact(9, "bob", "b@x")], [contact(2, "ann", "a@x")])
    assert found.decision is Decision.ADD


def test_a_phone_that_thousands_share_stays_cheap() -> None:
    shared = Index.of(contact(n, f"n{n}", "", "+641") for n in range(2, 5000))
    assert len(shared.by_phone["+641"]) == CANDIDATES_MAX + 1
    found = match(contact(1, "ann", "", "+641"), shared)
    assert len(found.candidates) == CANDIDATES_MAX
    assert MatchReason.SEVERAL in found.reasons
