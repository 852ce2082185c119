"""A person or company the shop deals with, and its link to Xero."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import MAPPING_OR_NULL, Base, OfBusiness
from posxero.db.contact_indexes import FLAGS, INDEXES
from posxero.db.money import MONEY
from posxero.db.push_state import PushState
from posxero.domain.money import ZERO

PARKED = text("state = 'parked'")
STUCK = text("state <> 'active'")
STUCK_OR_DIFFERS = text("(state <> 'active' OR differs)")
VERIFY_AGAIN = text("verify_again_at IS NOT NULL")


def _short(length: int) -> Mapped[str]:
    return mapped_column(String(length), default="", server_default="")


class Contact(OfBusiness, Base):
    """A customer, a supplier, or both. Columns of the field map are null only where their kind is not text.

    `version` rises with every saved change and guards the form; `revision` rises when
    something Xero must hear of happened: it is the debt.
    """

    __tablename__ = "contact"
    __table_args__ = (
        ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),
        *INDEXES,
    )

    is_customer: Mapped[bool] = mapped_column(default=True, server_default=true())
    is_supplier: Mapped[bool] = mapped_column(default=False, server_default=false())

    name: Mapped[str] = _short(255)
    first_name: Mapped[str] = _short(255)
    last_name: Mapped[str] = _short(255)
    email: Mapped[str] = _short(255)
    # An imported phone is country, area and number joined: up to 82 characters.
    phone: Mapped[str] = _short(90)
    mobile: Mapped[str] = _short(90)
    direct_dial: Mapped[str] = _short(90)
    fax: Mapped[str] = _short(90)
    birthday: Mapped[date | None]
    marketing_consent: Mapped[bool] = mapped_column(default=False, server_default=false())
    street_line1: Mapped[str] = _short(500)
    street_line2: Mapped[str] = _short(500)
    street_line3: Mapped[str] = _short(500)
    street_line4: Mapped[str] = _short(500)
    street_city: Mapped[str] = _short(255)
    street_region: Mapped[str] = _short(255)
    street_postcode: Mapped[str] = _short(50)
    street_country: Mapped[str] = _short(50)
    postal_line1: Mapped[str] = _short(500)
    postal_line2: Mapped[str] = _short(500)
    postal_line3: Mapped[str] = _short(500)
    postal_line4: Mapped[str] = _short(500)
    postal_city: Mapped[str] = _short(255)
    postal_region: Mapped[str] = _short(255)
    postal_postcode: Mapped[str] = _short(50)
    postal_country: Mapped[str] = _short(50)
    company_number: Mapped[str] = _short(50)
    tax_number: Mapped[str] = _short(50)
    account_number: Mapped[str] = _short(50)
    customer_code: Mapped[str] = _short(50)
    customer_group: Mapped[str] = _short(30)  # the name of a `Label`, as are `tags`: "|Newsletter|VIP|"
    tags: Mapped[str] = mapped_column(Text, default="", server_default="")
    notes: Mapped[str] = mapped_column(Text, default="", server_default="")

    # When the consent was last given or withdrawn, and who recorded it; None and "" when it never was.
    marketing_consent_at: Mapped[datetime | None]
    marketing_consent_source: Mapped[str] = _short(255)

    # Drawn from the fields by domain.folding, for search and matching.
    name_key: Mapped[str] = mapped_column(Text().with_variant(Text(collation="C"), "postgresql"), default="")
    search_text: Mapped[str] = mapped_column(Text, default="")
    email_key: Mapped[str] = _short(255)
    phone_keys: Mapped[str] = _short(200)  # of all four, separated by spaces
    phone_key: Mapped[str] = _short(32)
    mobile_key: Mapped[str] = _short(32)
    near_key: Mapped[str] = _short(255)  # shared by names that sound alike: domain.near_names

    version: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=1)
    tax_number_edited: Mapped[bool] = mapped_column(default=False, server_default=false())
    credit_limit: Mapped[Decimal | None] = mapped_column(MONEY)  # None: the default of Settings → Sales
    # Of their sales, kept by services.customer_balances: what is due of them, and the date of the last open one.
    owes: Mapped[Decimal] = mapped_column(MONEY, default=ZERO, server_default="0")
    last_sold_on: Mapped[date | None]
    archived_at: Mapped[datetime | None]
    # When and by whom its details were erased: then it is neither customer nor supplier, and no list shows it.
    erased_at: Mapped[datetime | None]
    erased_by: Mapped[str] = _short(255)
    # The contact that this one was merged into, at the end of a chain; such a row is neither customer nor supplier.
    merged_into: Mapped[UUID | None]
    merged_count: Mapped[int] = mapped_column(default=0, server_default="0")  # contacts that were merged into this one
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


# Whatever a list or a search looks at before it knows its page: neither reads the table's rows for the others.
LOOKED_AT = (Contact.search_text, Contact.is_customer, Contact.is_supplier, Contact.archived_at)
Index("ix_contact_search", Contact.business_id, Contact.name_key, Contact.id, *LOOKED_AT).ddl_if(dialect="sqlite")
Index(
    "ix_contact_search_pg",
    Contact.business_id,
    Contact.name_key,
    Contact.id,
    postgresql_include=[column.key for column in LOOKED_AT],
).ddl_if(dialect="postgresql")
# Read backwards for the last sale: those who never bought come last on both databases.
LAST_SOLD = (Contact.id, *(getattr(Contact, flag) for flag in FLAGS))
Index("ix_contact_last_sold_on", Contact.business_id, Contact.last_sold_on, *LAST_SOLD).ddl_if(dialect="sqlite")
Index("ix_contact_last_sold_on_pg", Contact.business_id, Contact.last_sold_on.nulls_first(), *LAST_SOLD).ddl_if(
    dialect="postgresql"
)


class Link(PushState, Base):
    """One contact and one Xero contact of one organisation, and the state of the push.

    Xero is owed the contact while `sent_revision` is below `owed_revision`, the contact's
    `revision` of the last change that Xero must hear of: both stand on this row, so that one
    small index finds everything that is owed (`services.owed` raises the two together).
    """

    __tablename__ = "link"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "contact_id"], ["contact.business_id", "contact.id"], ondelete="CASCADE"),
        Index("uq_link_xero_contact", "business_id", "tenant_id", "xero_id", unique=True),
        Index("uq_link_contact", "business_id", "tenant_id", "contact_id", unique=True),
        Index("ix_link_contact", "business_id", "contact_id"),
        Index(
            "ix_link_owed",
            "business_id",
            "tenant_id",
            "owed_at",
            sqlite_where=text("sent_revision < owed_revision OR verify_due = 1"),
            postgresql_where=text("sent_revision < owed_revision OR verify_due"),
        ),
        Index(
            "ix_link_verify_again",
            "business_id",
            "tenant_id",
            "verify_again_at",
            sqlite_where=VERIFY_AGAIN,
            postgresql_where=VERIFY_AGAIN,
        ),
        # With its state, though all are parked: SQLite takes the index of the longest match.
        Index("ix_link_parked", "business_id", "tenant_id", "state", sqlite_where=PARKED, postgresql_where=PARKED),
        Index("ix_link_stuck", "business_id", "tenant_id", "state", "id", sqlite_where=STUCK, postgresql_where=STUCK),
        Index(
            "ix_link_attention",
            "business_id",
            "tenant_id",
            sqlite_where=STUCK_OR_DIFFERS,
            postgresql_where=STUCK_OR_DIFFERS,
        ),
    )

    copy: Mapped[dict[str, Any]] = mapped_column(default=dict)  # domain.copies.XeroCopy.to_json()
    copied_at: Mapped[datetime | None]
    differs: Mapped[bool] = mapped_column(default=False, server_default=false())  # copy differs from the contact
    # `differs`, and Xero's values are still those of the linking: nobody changed anything there
    differs_since_linked: Mapped[bool] = mapped_column(default=False, server_default=false())
    linked_at: Mapped[datetime]
    # What was filled in when a contact that was here before was linked, by key; None for every other link.
    filled: Mapped[dict[str, Any] | None] = mapped_column(MAPPING_OR_NULL)
    # A sale made this link: Xero's contacts are searched for the same name and email before it is added there.
    match_first: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Of a link whose contact was merged in Xero: push.links.merges.Survivor.to_json(); None until it was looked up.
    survivor: Mapped[dict[str, Any] | None] = mapped_column(MAPPING_OR_NULL)
    # What Xero last said that the contact owes there, and how much of it is overdue; None until it was read.
    outstanding: Mapped[Decimal | None] = mapped_column(MONEY)
    overdue: Mapped[Decimal | None] = mapped_column(MONEY)
    balance_at: Mapped[datetime | None]  # when Xero was asked for both
