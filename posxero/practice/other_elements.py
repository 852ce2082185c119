"""Elements that an answer does not hold: other contacts and invoices of the organisation, or generated ones."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from posxero.practice import rules, shapes, xero_dates
from posxero.practice.invoices import contact_matching, invoice_records, invoice_shapes
from posxero.practice.invoices.models import AUTHORISED, Invoice
from posxero.practice.organisations import TIME_ZONE
from posxero.practice.shapes import Json

SELECT_CONTACT = """
SELECT record FROM contact WHERE tenant_id = ? AND status = 'ACTIVE' AND (? = '' OR contact_id = ?)
AND contact_id NOT IN (SELECT value FROM json_each(?)) ORDER BY contact_id LIMIT 1
"""
SELECT_INVOICE = """
SELECT record FROM invoice WHERE tenant_id = ? AND (? = '' OR invoice_id = ?)
AND invoice_id NOT IN (SELECT value FROM json_each(?)) ORDER BY invoice_id LIMIT 1
"""


@dataclass(frozen=True)
class Resource:
    """What an answer is about; `read` makes the element of a record, or generates one with an id if there is none."""

    plural: str
    id_key: str
    number_key: str
    select: str
    read: Callable[["Others", str | None, str], Json]


@dataclass(frozen=True)
class Others:
    """The elements of one resource of the organisation that an answer does not hold."""

    resource: Resource
    database: sqlite3.Connection
    tenant: str
    now: int  # milliseconds since 1970

    @property
    def id_key(self) -> str:
        """Return the name of the id."""
        return self.resource.id_key

    @property
    def number_key(self) -> str:
        """Return the name of the number."""
        return self.resource.number_key

    def find(self, elements: list[Json], wanted_id: str = "") -> Json:
        """Return an element that is not in the answer, or a generated one if there is no other."""
        ids = json.dumps([element[self.id_key] for element in elements])
        row = self.database.execute(self.resource.select, (self.tenant, wanted_id, wanted_id, ids)).fetchone()
        return self.resource.read(self, None if row is None else row["record"], wanted_id or str(uuid4()))


def _read_contact(others: Others, record: str | None, new_id: str) -> Json:
    generated = {"Name": "Nobody's contact", "UpdatedDateUTC": others.now}
    found: Json = rules.new_record(new_id) | generated if record is None else json.loads(record)
    return shapes.contact_for_read(found, detailed=True)


def _read_invoice(others: Others, record: str | None, new_id: str) -> Json:
    if record is None:
        today = xero_dates.date_in(TIME_ZONE, others.now)
        generated = Invoice(
            invoice_id=new_id, contact_id=str(uuid4()), issued_on=today, status=AUTHORISED, number="Nobody's invoice"
        )
        return invoice_shapes.invoice_for_page(generated, {"ContactID": generated.contact_id})
    found = invoice_records.parse_record(record)
    contact = contact_matching.get(others.database, others.tenant, found.contact_id)
    return invoice_shapes.invoice_for_page(found, contact)


RESOURCES = (
    Resource("Contacts", "ContactID", "ContactNumber", SELECT_CONTACT, _read_contact),
    Resource("Invoices", "InvoiceID", "InvoiceNumber", SELECT_INVOICE, _read_invoice),
)
