"""Webhooks that were cut, written anew, sent again or held back: only what Xero signed is believed, and once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import func, select

from posxero.db.activity import Activity
from posxero.db.xero_change import XeroChange
from posxero.domain.copies import XeroCopy
from posxero.domain.enums import ActivityKind
from tests.support import factories
from tests.support.webhooks import body_of, deliver, event, sign

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from tests.support.browser import Browser
    from tests.support.drifting import DriftShop


def test_a_body_that_is_not_the_signed_one_is_refused(client: Browser, session: Session, business: Business) -> None:
    tenant_id = factories.add_connection(session, business).tenant_id
    body = body_of([event(tenant_id, uuid4()), event(tenant_id, uuid4())])
    again = json.dumps(json.loads(body), separators=(",", ":")).encode()  # the same events, in other bytes
    for forged in (body[:-1], body[: len(body) // 2], b"", again, body + b"\n", body.replace(b"UPDATE", b"CREATE")):
        answer = deliver(client, forged, sign(body))
        assert (answer.status_code, answer.data) == (401, b""), forged
    session.rollback()
    assert session.scalar(select(func.count()).select_from(XeroChange)) == 0
    assert deliver(client, body, sign(body)).status_code == 200
    session.rollback()
    assert session.scalar(select(func.count()).select_from(XeroChange)) == 2


def test_a_delivery_that_is_repeated_or_late_tells_nothing_twice(shop: DriftShop) -> None:
    ann = shop.customer("Ann Smith")
    shop.passed += timedelta(minutes=1)
    shop.xero.edit(shop.theirs(ann), EmailAddress="first@xero.example")
    first = shop.now()
    shop.hear(shop.theirs(ann), at=first)
    shop.passed += timedelta(seconds=4)
    shop.read()
    shop.passed += timedelta(minutes=1)
    shop.xero.edit(shop.theirs(ann), EmailAddress="second@xero.example")
    shop.hear(shop.theirs(ann), at=shop.now())
    shop.passed += timedelta(seconds=4)
    shop.read()
    shop.passed += timedelta(hours=24)
    for _ in range(2):
        shop.hear(shop.theirs(ann), at=first)  # the first delivery once more, a day late
        shop.passed += timedelta(seconds=4)
        shop.read()
    assert XeroCopy.from_json(shop.link(ann).copy).values["email"] == "second@xero.example"
    changed = select(func.count()).where(Activity.kind == ActivityKind.CHANGED_IN_XERO)
    assert shop.session.scalar(changed) == 2
    assert shop.waiting() == 0
    shop.session.refresh(ann)
    assert (ann.email, ann.version) == ("", 1)
