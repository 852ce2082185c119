"""What Xero's words about a contact become on screen."""

import pytest

from posxero.domain.fields import KEYS
from posxero.domain.refusals import CURED_BY_SAVING, CURED_IN_SETTINGS, FIELDS_OF_KIND, RefusalKind
from posxero.services.push.kinds import contact_reasons as reasons
from posxero.services.push.kinds import invoice_reasons

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
    said, kind = reasons.why("Ann", [NUMBER])
    assert kind is RefusalKind.NUMBER_TAKEN
    assert said.startswith("Another contact in Xero has this contact number already")
    assert "so it can't be changed" in said
    assert "Link to that contact" in said
    assert said.endswith(f"Xero says: “{NUMBER}”")
    assert "Change" not in said.removesuffix(NUMBER)


@pytest.mark.parametrize("words", [NUMBER, f"No: {NUMBER.upper()}", "The ContactNumber already exists"])
def test_a_taken_number_is_told_from_its_words(words: str) -> None:
    assert reasons.is_number_taken(words)
    assert reasons.why("Ann", [words]).kind is RefusalKind.NUMBER_TAKEN


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
    assert reasons.why("Ann", [words]).kind is not RefusalKind.NUMBER_TAKEN


@pytest.mark.parametrize("words", [EDIT_ARCHIVED, INVOICE_ARCHIVED])
def test_an_archived_contact_is_told_from_xeros_words(words: str) -> None:
    assert reasons.archived([words])
    assert not reasons.archived([NUMBER])


def test_an_invoice_to_an_archived_contact_says_to_restore_it() -> None:
    said, kind = reasons.why("Ann", [INVOICE_ARCHIVED])
    assert kind is RefusalKind.OTHER
    assert said.startswith("This contact is archived in Xero, where archived contacts get no new invoices.")
    assert "Restore it in Xero, then press Try again." in said
    assert said.endswith(f"Xero says: “{INVOICE_ARCHIVED}”")


@pytest.mark.parametrize(
    ("words", "plain", "keys"),
    [
        ("Contact Name cannot be empty.", "Xero does not accept this name.", ("name",)),
        ("The contact name cannot contain < or >.", "Xero does not accept this name.", ("name",)),
        ("The FirstName field cannot be longer than 255 characters.", "Xero does not accept this first name.", None),
        ("The AddressLine1 field cannot be longer than 500 characters.", "Xero does not accept this address.", None),
        ("The City field cannot be longer than 255 characters.", "Xero does not accept this city.", None),
        ("The PostalCode field cannot be longer than 50 characters.", "Xero does not accept this postcode.", None),
        ("The CompanyNumber field cannot be longer than 50.", "Xero does not accept this company number.", None),
        ("Email address must be valid.", "Xero does not accept this email address.", ("email",)),
        ("Country must contain letters only.", "Xero does not accept this country.", None),
        (
            "The Account Number already exists. Please enter a different Account Number.",
            "Another contact in Xero has this account number.",
            ("account_number",),
        ),
        (
            "Additional people cannot be added when the primary person has no email address set.",
            "Xero needs an email address for this contact, because it has additional people there.",
            ("email",),
        ),
    ],
)
def test_a_refused_detail_names_its_field_and_is_changed_here(
    words: str, plain: str, keys: tuple[str, ...] | None
) -> None:
    reason, kind = reasons.why("Ann", [words])
    assert reasons.split(reason) == (f"{plain} Change it here and save.", words)
    assert kind in CURED_BY_SAVING
    marked = FIELDS_OF_KIND[kind]
    assert keys in (None, marked)
    assert set(marked) <= set(KEYS)
    assert plain.startswith(reasons.field_message(kind))


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        ("Invoice # must be unique.", "Choose another number prefix or next number in Settings → Sales."),
        ("Account code '999' is not a valid code for this document.", "Choose another one in Settings → Sales."),
        ("The TaxType code 'X' cannot be used with account code '2'.", "Choose another one in Settings → Sales."),
        (INVOICE_ARCHIVED, "Restore it in Xero. Then press Try again."),
        ("The document date cannot be before the end of year lock date, currently set at 31-Jul-2013", "later date"),
        ("The document date cannot be before the period lock date, currently set at 31-Jul-2013", "later date"),
        ("Invoice not of valid status for creation", "Check it in Xero. Then press Try again."),
        ("Invoice not of valid status for modification", "Check it in Xero. Then press Try again."),
        (
            "The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated.",
            "credit the rest there",
        ),
        ("This document cannot be edited as it has a payment or credit note allocated to it.", "credit the rest there"),
        ("One or more line items must be specified", "or void this sale. Then press Try again."),
        ("The Contact must contain at least 1 of the following elements", "or void this sale. Then press Try again."),
    ],
)
def test_a_refused_sale_says_what_ends_it(words: str, plain: str) -> None:
    reason, kind = invoice_reasons.explain("POS-1", [words])
    said, quoted = reasons.split(reason)
    assert plain in said
    assert quoted == words
    assert (kind in CURED_IN_SETTINGS) == (invoice_reasons.SETTINGS in said)
    assert (kind is RefusalKind.LOCKED) == said.startswith(invoice_reasons.LOCKED)


def test_every_kind_has_its_words_and_fits_its_column() -> None:
    """A kind about a field says so beside it; the others say nothing there."""
    for kind in RefusalKind:
        assert bool(reasons.field_message(kind)) == (kind in FIELDS_OF_KIND), kind
        assert len(kind) <= 20
