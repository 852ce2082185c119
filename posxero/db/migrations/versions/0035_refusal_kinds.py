"""Store why Xero refused something by kind, beside the reason in words, which says what may cure it."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"

PUSHED = ("link", "history_note", "sale")
FIELD = "Xero does not accept this "
# Beginnings of the reasons of contacts, as they were worded until now.
CONTACT_KINDS = {
    "Another contact in Xero is called ": "name_taken",
    "Another contact in Xero has this contact number already.": "number_taken",
    "Xero already has this contact under our number": "number_linked",
    "Another contact in Xero has this account number.": "account_number_taken",
    "Xero needs an email address for this contact": "email_needed",
    f"{FIELD}email address.": "email",
    f"{FIELD}name.": "name",
    f"{FIELD}first name.": "first_name",
    f"{FIELD}last name.": "last_name",
    f"{FIELD}phone number.": "phone",
    f"{FIELD}country.": "country",
    f"{FIELD}postcode.": "postcode",
    f"{FIELD}address.": "address",
    f"{FIELD}tax number.": "tax_number",
    f"{FIELD}company number.": "company_number",
    f"{FIELD}account number.": "account_number",
    f"{FIELD}city.": "city",
    f"{FIELD}region.": "region",
    "Xero does not accept these details.": "details",
}
CHOOSE = "%Choose which of Xero's contacts this customer is, or add a new one."
SALE_KINDS = {
    "Xero has other invoices with the number %": "number_taken",
    "The books in Xero are locked for this date.%": "locked",
    "%Choose another one in Settings → Sales.%": "sales_settings",
}


def upgrade() -> None:
    """Add the column; tell the kinds of what is refused now by its words, for the last time."""
    for table in PUSHED:
        op.add_column(table, sa.Column("refusal", sa.String(20), nullable=False, server_default=""))
    patterns = {f"{start}%": kind for start, kind in CONTACT_KINDS.items()} | {CHOOSE: "choice_needed"}
    for table, kinds in (("link", patterns), ("sale", SALE_KINDS)):
        rows = sa.table(table, sa.column("reason"), sa.column("refusal"), sa.column("state"))
        for pattern, kind in kinds.items():
            refused = (rows.c.state == "parked", rows.c.refusal == "", rows.c.reason.like(pattern))
            op.execute(sa.update(rows).where(*refused).values(refusal=kind))
