"""What Xero's words about a contact become on screen."""

import pytest

from posxero.services.push.kinds import contact_reasons as reasons

NUMBER = "Another contact has this contact number. Please enter a different contact number."
EDIT_ARCHIVED = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)
INVOICE_ARCHIVED = (
    "The contact with the specified contact details has been archived. "
    "The contact must be un-archived before creating new invoices or credit notes"
)


def test_a_taken_contact_number_says_what_to_do_and_offers_no_field() -> None:
    said = reasons.why("Ann", [NUMBER])
    assert said.startswith("Another contact in Xero has this contact number already")
    assert "so it can't be changed" in said
    assert "Import from Xero and link to that contact" in said
    assert said.endswith(f"Xero says: “{NUMBER}”")
    assert "Change" not in said.removesuffix(NUMBER)


@pytest.mark.parametrize("words", [NUMBER, f"No: {NUMBER.upper()}", "The ContactNumber already exists"])
def test_a_taken_number_is_told_from_its_words(words: str) -> None:
    assert reasons.is_number_taken(words)
    assert reasons.is_number_taken(reasons.why("Ann", [words]))


@pytest.mark.parametrize(
    "words",
    [
        "The Account Number already exists. Please enter a different Account Number.",
        "The ContactNumber field cannot be longer than 50 characters.",
        "The contact name Ann is already assigned to another contact.",
        EDIT_ARCHIVED,
    ],
)
def test_other_refusals_are_no_taken_number(words: str) -> None:
    assert not reasons.is_number_taken(reasons.why("Ann", [words]))


@pytest.mark.parametrize("words", [EDIT_ARCHIVED, INVOICE_ARCHIVED])
def test_an_archived_contact_is_told_from_xeros_words(words: str) -> None:
    assert reasons.archived([words])
    assert not reasons.archived([NUMBER])


def test_an_invoice_to_an_archived_contact_says_to_restore_it() -> None:
    said = reasons.why("Ann", [INVOICE_ARCHIVED])
    assert said.startswith("This contact is archived in Xero, where archived contacts get no new invoices.")
    assert "Restore it in Xero, then press Try again." in said
    assert said.endswith(f"Xero says: “{INVOICE_ARCHIVED}”")
