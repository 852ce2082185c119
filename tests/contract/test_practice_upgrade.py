"""A file that an earlier version of Practice Xero wrote is used as it is."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.support.practice_server import PracticeServer
from tests.support.webhook_receiver import KEY, WebhookReceiver

EARLIER_EVENTS = """
CREATE TABLE webhook_event (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, tenant_id TEXT NOT NULL, contact_id TEXT NOT NULL, type TEXT NOT NULL,
  at INTEGER NOT NULL, delivered INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO webhook_event (tenant_id, contact_id, type, at)
VALUES ('a tenant', 'an earlier contact', 'UPDATE', 4102444800000);
"""


def test_events_of_contacts_from_before_there_were_invoices(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "earlier.db")) as earlier:
        earlier.executescript(EARLIER_EVENTS)
    receiver = WebhookReceiver()
    server = PracticeServer(tmp_path / "earlier.db", contacts=1)
    try:
        server.webhooks("hold")
        server.subscribe(receiver.url, KEY)
        invoice = server.add_invoice(server.contacts()[0]["ContactID"])
        server.webhooks("release")
        server.webhooks("deliver")
        events = [event for delivery in receiver.deliveries() for event in delivery.events]
        assert [(each["eventCategory"], each["resourceId"]) for each in events] == [
            ("CONTACT", "an earlier contact"),
            ("INVOICE", invoice["InvoiceID"]),
        ]
    finally:
        server.stop()
        receiver.stop()
