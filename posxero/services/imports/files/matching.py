"""Compare the rows of a file with the customers that are here: by their id, else as those of Xero. No change yet."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import select

from posxero.db.base import new_id
from posxero.db.business import Business
from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import Decision, Outcome
from posxero.domain.field_rules import RuleContext
from posxero.domain.kinds import ContactKind
from posxero.domain.matching import Candidate, Match, match
from posxero.services.contacts.rules import context_of
from posxero.services.imports.files import known
from posxero.services.imports.files.comparing import (
    changes_of,
    differences,
    in_words,
    new_values,
    problem_of,
)
from posxero.services.imports.files.duplicate_rows import leave_out_duplicates, leave_out_repeated
from posxero.services.imports.files.known import ExistingContact, MatchKeys, OtherPhones
from posxero.services.imports.files.reading import clean_cells
from posxero.services.imports.lease import ImportLease
from posxero.services.imports.matching import end_matching
from posxero.services.imports.ranges import for_each_range
from posxero.services.imports.rows import SET_MATCH, SET_RESULT, RowRange, result_of, unsettled_in

ROWS_PER_COMMIT: Final = 1000
CODE: Final = "customer_code"
SAME_CODE: Final = "same customer code"


class StagedRow(NamedTuple):
    """What matching reads of a row."""

    candidate: Candidate  # with the row's own key
    ours: UUID | None
    given: Mapping[str, str]

    @property
    def code(self) -> str:
        """Return the customer code that the row gives."""
        return clean_cells({CODE: self.given[CODE]})[CODE] if CODE in self.given else ""


class Found(NamedTuple):
    """Who is here that the rows of a chunk may be: by their ids, by their codes, and by name, email and phone.

    `gone` says why those with some of the ids may not be brought back.
    """

    contacts: Mapping[UUID, ExistingContact]
    codes: Mapping[str, UUID]
    matches: Mapping[UUID, Match]
    gone: Mapping[UUID, str]


def match_all(lease: ImportLease) -> None:
    """Set the decision of every row, mark it for review or settle it; then begin the review or adding.

    Raises:
        LeaseLost, Cancelled: As `ImportLease.step`.
    """
    business = lease.session.get_one(Business, lease.run.business_id)
    context = context_of(business, ContactKind.CUSTOMER, lease.now)
    others = known.by_other_phones(lease.session, business.id)
    if for_each_range(lease, ROWS_PER_COMMIT, lambda row_range: _match(lease, row_range, context, others)):
        with lease.step():
            leave_out_repeated(lease.session, lease.run)
        end_matching(lease)


def _match(lease: ImportLease, row_range: RowRange, context: RuleContext, other_phones: OtherPhones) -> dict[str, Any]:
    """Match one range of rows; before the first, rows that repeat another are left out."""
    run = lease.run
    if run.cursor is None:
        leave_out_duplicates(lease.session, run)
    rows = _load(lease, row_range)
    found = _find(lease, rows, other_phones)
    results = [_decide(run, row, found, context) for row in rows]
    connection = lease.session.connection()
    for statement, chosen in (
        (SET_RESULT, [one for one in results if "outcome" in one]),
        (SET_MATCH, [one for one in results if "outcome" not in one]),
    ):
        if chosen:
            connection.execute(statement, chosen)
    return {}


def _load(lease: ImportLease, row_range: RowRange) -> list[StagedRow]:
    compared = (ImportRow.xero_id, ImportRow.name_key, ImportRow.email_key, ImportRow.phone_keys)
    undecided = (*unsettled_in(lease.run, row_range), ~ImportRow.needs_review)
    rows = lease.session.execute(select(*compared, ImportRow.ours, ImportRow.copy).where(*undecided))
    return [
        StagedRow(Candidate(key, name_key, email_key, tuple(phone_keys.split())), ours, copy["values"])
        for key, name_key, email_key, phone_keys, ours, copy in rows
    ]


def _find(lease: ImportLease, rows: Sequence[StagedRow], other_phones: OtherPhones) -> Found:
    session, business_id = lease.session, lease.run.business_id
    named = known.load(session, business_id, [row.ours for row in rows if row.ours])
    others = [row for row in rows if row.ours not in named]
    index = known.index_of(session, business_id, _keys(others), other_phones)
    matches = {row.candidate.contact_id: match(row.candidate, index) for row in others}
    codes = known.owners_of_codes(session, business_id, [code for row in others if (code := row.code)])
    candidates = {one for found in matches.values() for one in found.candidates} | set(codes.values())
    contacts = named | known.load(session, business_id, candidates - named.keys())
    gone = known.reasons_gone(session, business_id, [row.ours for row in others if row.ours])
    return Found(contacts, codes, matches, gone)


def _keys(rows: Sequence[StagedRow]) -> MatchKeys:
    compared = [row.candidate for row in rows]
    return MatchKeys(
        {one.name_key for one in compared if one.name_key},
        {one.email_key for one in compared if one.email_key},
        {phone for one in compared for phone in one.phone_keys},
    )


def _decide(run: Import, row: StagedRow, found: Found, context: RuleContext) -> dict[str, Any]:
    if row.ours and row.ours in found.gone:
        return result_of(run, row.candidate.contact_id, Outcome.REFUSED, found.gone[row.ours])
    contact = _same(row, found)
    if contact:
        return _matched(run, row, contact, context)
    key, seen = row.candidate.contact_id, found.matches[row.candidate.contact_id]
    owner = found.codes.get(row.code)
    if owner or seen.decision is None:
        candidates = [owner, *(one for one in seen.candidates if one != owner)] if owner else [*seen.candidates]
        reason = ", ".join(filter(None, (SAME_CODE if owner else "", seen.reason)))
        return _decision(run, key, None, candidates[0], reason, candidates)
    values = new_values(row.given)
    problem = problem_of(values, values, context)
    if problem:
        return result_of(run, key, Outcome.REFUSED, problem)
    return _decision(run, key, Decision.ADD, new_id())


def _same(row: StagedRow, found: Found) -> ExistingContact | None:
    """Return the customer that a row certainly is: by id, by code and name, by name and email, or in all it says."""
    if row.ours and row.ours in found.contacts:
        return found.contacts[row.ours]
    owner = found.codes.get(row.code)
    if owner:
        contact = found.contacts[owner]
        return contact if contact.name_key == row.candidate.name_key else None
    seen = found.matches[row.candidate.contact_id]
    if seen.decision is Decision.LINK:
        return found.contacts[seen.candidates[0]]
    candidates = (found.contacts[one] for one in seen.candidates)
    return next((one for one in candidates if not differences(one.values, row.given)), None)


def _matched(run: Import, row: StagedRow, contact: ExistingContact, context: RuleContext) -> dict[str, Any]:
    """Say what becomes of a row whose customer is here: nothing, where it changes nothing."""
    key = row.candidate.contact_id
    changed = changes_of(contact.values, row.given, run.on_match)
    if not changed:
        return result_of(run, key, Outcome.UNCHANGED, "", contact.id)
    problem = problem_of(contact.values | {name: new for name, (_, new) in changed.items()}, changed, context)
    if problem:
        return result_of(run, key, Outcome.REFUSED, problem)
    return _decision(run, key, Decision.MATCH, contact.id, in_words(changed))


def _decision(
    run: Import,
    key: UUID,
    decision: Decision | None,
    contact_id: UUID,
    reason: str = "",
    candidates: Sequence[UUID] = (),
) -> dict[str, Any]:
    return {
        "of_business": run.business_id,
        "of_import": run.id,
        "of_xero": key,
        "decision": decision,
        "contact_id": contact_id,
        "needs_review": decision is None,
        "candidates": [str(one) for one in candidates],
        "reason": reason,
    }
