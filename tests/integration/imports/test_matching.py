from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.db.base import new_id
from posxero.db.contact import Contact, Link
from posxero.domain.enums import ActivityKind, Decision, Outcome, Phase
from posxero.services.imports import review, review_rows
from posxero.services.imports.errors import NotInReview, ReviewIncomplete
from posxero.services.imports.review import ReviewChoice
from tests.support.importing import accounted, decide, go_on

if TYPE_CHECKING:
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer


def test_the_same_name_and_email_is_linked_and_keeps_its_fields(importer: Importer, xero: PracticeServer) -> None:
    ours = importer.add(name="Ana  Māhana", email="ANA@shop.example", phone="021 555 000")
    there = xero.add(Name="Ana Mahana", EmailAddress="ana@shop.example", IsCustomer=True)
    run = importer.finish(importer.start())
    assert (run.phase, run.linked) == (Phase.FINISHED, 1)
    assert importer.contact(there["ContactID"]).id == ours.id
    link = importer.session.scalars(select(Link).where(Link.contact_id == ours.id)).one()
    importer.session.refresh(ours)
    assert (ours.name, ours.phone, ours.version, ours.revision) == ("Ana  Māhana", "021 555 000", 1, 1)
    assert link.differs
    assert link.sent_revision == link.owed_revision == ours.revision
    entry = importer.session.scalars(select(Activity).where(Activity.contact_id == ours.id)).one()
    assert entry.kind is ActivityKind.LINKED


@pytest.mark.parametrize(
    ("ours", "reason"),
    [
        ({"name": "Rua Tane"}, "same name"),
        ({"name": "Other", "email": "rua@shop.example"}, "same email"),
        ({"name": "Other", "phone": "021 555 0099"}, "same phone"),
    ],
)
def test_what_agrees_in_one_thing_waits_for_a_person(
    importer: Importer, xero: PracticeServer, ours: dict[str, str], reason: str
) -> None:
    contact = importer.add(**ours)
    there = xero.add(
        Name="Rua Tane",
        EmailAddress="rua@shop.example",
        Phones={"MOBILE": {"PhoneNumber": "5550099", "PhoneAreaCode": "21", "PhoneCountryCode": "64"}},
        IsCustomer=True,
    )
    run = importer.finish(importer.start())
    assert run.phase is Phase.REVIEW
    assert run.added == 0
    (row,) = review_rows.page(importer.session, run, 1).rows
    assert (str(row.xero_id), row.reason) == (there["ContactID"], reason)
    assert [candidate.id for candidate in row.candidates] == [contact.id]


def test_decisions_are_carried_out(importer: Importer, xero: PracticeServer) -> None:
    names = ["Link Me", "Add Me", "Skip Me"]
    here = {name: importer.add(name=name) for name in names}
    there = {name: xero.add(Name=name, EmailAddress="x@shop.example", IsCustomer=True)["ContactID"] for name in names}
    run = importer.finish(importer.start())
    link = ReviewChoice(Decision.LINK, here["Link Me"].id)
    decide(importer, run, {there["Link Me"]: link, there["Add Me"]: ReviewChoice(Decision.ADD)})
    with pytest.raises(ReviewIncomplete, match="Choose what to do with 1 contact") as refused:
        go_on(importer, run)
    assert (str(refused.value.first), refused.value.page) == (there["Skip Me"], 1)
    decide(importer, run, {there["Skip Me"]: ReviewChoice(Decision.SKIP)})
    run = go_on(importer, run)
    assert (run.phase, run.linked, run.skipped) == (Phase.FINISHED, 1, 1)
    assert accounted(run) == run.read
    assert importer.contact(there["Link Me"]).id == here["Link Me"].id
    assert importer.contact(there["Add Me"]).id != here["Add Me"].id
    assert importer.row(run, there["Skip Me"]).contact_id is None
    again = importer.finish(importer.start())
    assert again.phase is Phase.REVIEW  # the one that was skipped is asked about again, nothing else
    assert review_rows.count(importer.session, again) == (1, 1)


def test_a_decision_may_be_changed(importer: Importer, xero: PracticeServer) -> None:
    ours = importer.add(name="Ani Pere")
    there = xero.add(Name="Ani Pere", IsCustomer=True)["ContactID"]
    run = importer.finish(importer.start())
    decide(importer, run, {there: ReviewChoice(Decision.LINK, ours.id)})
    decide(importer, run, {there: ReviewChoice(Decision.ADD)})
    go_on(importer, run)
    assert importer.contact(there).id != ours.id


def test_a_link_to_a_customer_that_does_not_match_is_not_kept(importer: Importer, xero: PracticeServer) -> None:
    importer.add(name="Ani Pere")
    other = importer.add(name="Somebody Else")
    there = xero.add(Name="Ani Pere", IsCustomer=True)["ContactID"]
    run = importer.finish(importer.start())
    decide(importer, run, {there: ReviewChoice(Decision.LINK, other.id), str(uuid4()): ReviewChoice(Decision.ADD)})
    assert review_rows.count(importer.session, run) == (1, 1)


def test_two_of_xero_cannot_be_linked_to_one_customer(importer: Importer, xero: PracticeServer) -> None:
    ours = importer.add(name="Ani Pere", email="ani@shop.example")
    twins = [xero.add(Name="Ani Pere", EmailAddress="ani@shop.example", IsCustomer=True)["ContactID"] for _ in range(2)]
    run = importer.finish(importer.start())
    assert run.phase is Phase.REVIEW
    review.decide_all(importer.session, run.business_id, run.id, Decision.LINK)
    assert review_rows.count(importer.session, run) == (2, 2)
    decide(importer, run, dict.fromkeys(twins, ReviewChoice(Decision.LINK, ours.id)))
    run = go_on(importer, run)
    assert (run.linked, run.refused) == (1, 1)
    assert accounted(run) == run.read
    refused = next(row for row in (importer.row(run, twin) for twin in twins) if row.outcome is Outcome.REFUSED)
    assert refused.reason == "Ani Pere is already linked to another contact in Xero."


def test_all_may_be_decided_alike(importer: Importer, xero: PracticeServer) -> None:
    for name in ("Ani Pere", "Rua Tane"):
        importer.add(name=name)
        xero.add(Name=name, IsCustomer=True)
    run = importer.finish(importer.start())
    review.decide_all(importer.session, run.business_id, run.id, Decision.SKIP)
    review.decide_all(importer.session, run.business_id, run.id, Decision.LINK)
    assert go_on(importer, run).linked == 2


def test_after_the_review_nothing_more_can_be_decided(importer: Importer, xero: PracticeServer) -> None:
    importer.add(name="Ani Pere")
    there = xero.add(Name="Ani Pere", IsCustomer=True)["ContactID"]
    run = importer.finish(importer.start())
    review.decide_all(importer.session, run.business_id, run.id, Decision.SKIP)
    go_on(importer, run)
    with pytest.raises(NotInReview):
        decide(importer, run, {there: ReviewChoice(Decision.ADD)})
    with pytest.raises(NotInReview):
        go_on(importer, run)


def test_what_changed_in_xero_during_the_review_is_read(importer: Importer, xero: PracticeServer) -> None:
    ours = importer.add(name="Ani Pere")
    there = xero.add(Name="Ani Pere", IsCustomer=True)["ContactID"]
    plain = xero.add(Name="Plain Add", IsCustomer=True)["ContactID"]
    run = importer.finish(importer.start())
    decide(importer, run, {there: ReviewChoice(Decision.LINK, ours.id)})
    xero.edit(plain, Name="Renamed Meanwhile")
    newcomer = xero.add(Name="New Meanwhile", IsCustomer=True)["ContactID"]
    run = go_on(importer, run)
    assert importer.contact(plain).name == "Renamed Meanwhile"
    assert importer.contact(newcomer).name == "New Meanwhile"
    assert importer.contact(there).id == ours.id
    assert accounted(run) == run.read


def test_a_customer_added_during_the_review_is_matched_too(importer: Importer, xero: PracticeServer) -> None:
    importer.add(name="Ani Pere")
    xero.add(Name="Ani Pere", IsCustomer=True)
    late = xero.add(Name="Late Comer", EmailAddress="late@shop.example", IsCustomer=True)["ContactID"]
    run = importer.finish(importer.start())
    review.decide_all(importer.session, run.business_id, run.id, Decision.SKIP)
    ours = importer.add(name="Late Comer", email="late@shop.example")
    run = go_on(importer, run)
    assert importer.contact(late).id == ours.id
    assert run.linked == 1


def test_an_archived_customer_is_matched_and_stays_archived(importer: Importer, xero: PracticeServer) -> None:
    ours = importer.add(name="Ani Pere", email="ani@shop.example", archived_at=importer.clock())
    there = xero.add(Name="Ani Pere", EmailAddress="ani@shop.example", IsCustomer=True)["ContactID"]
    importer.finish(importer.start())
    found = importer.contact(there)
    assert found.id == ours.id
    assert found.archived_at is not None


def test_a_contact_that_we_are_creating_in_xero_is_ours(importer: Importer, xero: PracticeServer) -> None:
    ours = importer.add(name="Made Here")
    now = importer.clock()
    importer.session.add(
        Link(
            business_id=ours.business_id,
            id=new_id(),
            contact_id=ours.id,
            tenant_id=UUID(xero.tenant),
            xero_id=None,
            linked_at=now,
        )
    )
    importer.session.commit()
    xero.add(Name="Made Here", ContactNumber=str(ours.id), IsCustomer=True)
    run = importer.finish(importer.start())
    assert (run.phase, run.already_linked) == (Phase.FINISHED, 1)
    assert importer.session.scalars(select(Contact.id).where(Contact.name == "Made Here")).all() == [ours.id]


def test_a_supplier_import_switches_supplier_on_for_the_linked(importer: Importer, xero: PracticeServer) -> None:
    there = xero.add(Name="Both Ways", IsCustomer=True, IsSupplier=False)["ContactID"]
    importer.finish(importer.start())
    xero.edit(there, IsSupplier=True)
    importer.finish(importer.start())
    assert not importer.contact(there).is_supplier
    importer.finish(importer.start(with_suppliers=True))
    contact = importer.contact(there)
    assert (contact.is_customer, contact.is_supplier, contact.version) == (True, True, 1)
