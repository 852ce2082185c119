"""The indexes of the contacts; `db.contact` has those that differ by database: of the search, of the last sale."""

from typing import Final

from sqlalchemy import Index, text

HAS_CODE: Final = text("customer_code <> ''")
HAS_GROUP: Final = text("customer_group <> ''")
HAS_TAGS: Final = text("tags <> ''")
HAS_PHONE: Final = text("phone_key > ''")
HAS_MOBILE: Final = text("mobile_key > ''")
FLAGS: Final = ("is_customer", "is_supplier", "archived_at")  # what every list looks at
HAS_NEAR_KEY: Final = text("near_key > ''")
IS_MERGED: Final = text("merged_into IS NOT NULL")

INDEXES: Final = (
    Index(
        "uq_contact_customer_code",
        "business_id",
        "customer_code",
        unique=True,
        sqlite_where=HAS_CODE,
        postgresql_where=HAS_CODE,
    ),
    Index("ix_contact_email_key", "business_id", "email_key"),
    Index("ix_contact_phone_key", "business_id", "phone_key", sqlite_where=HAS_PHONE, postgresql_where=HAS_PHONE),
    Index("ix_contact_mobile_key", "business_id", "mobile_key", sqlite_where=HAS_MOBILE, postgresql_where=HAS_MOBILE),
    Index("ix_contact_near_key", "business_id", "near_key", sqlite_where=HAS_NEAR_KEY, postgresql_where=HAS_NEAR_KEY),
    Index("ix_contact_merged_into", "business_id", "merged_into", sqlite_where=IS_MERGED, postgresql_where=IS_MERGED),
    # Filters by group and tag are read off these alone, in the order of the list.
    Index(
        "ix_contact_group",
        *("business_id", "customer_group", "name_key", "id", *FLAGS),
        sqlite_where=HAS_GROUP,
        postgresql_where=HAS_GROUP,
    ),
    Index(
        "ix_contact_tagged",
        *("business_id", "name_key", "id", "tags", *FLAGS),
        sqlite_where=HAS_TAGS,
        postgresql_where=HAS_TAGS,
    ),
    # Read backwards for the newest; with what a list looks at, so that it reads the rows of its own page alone.
    Index("ix_contact_newest", "business_id", "created_at", "id", *FLAGS),
    Index("ix_contact_owes", "business_id", "owes", "id", *FLAGS),
)
