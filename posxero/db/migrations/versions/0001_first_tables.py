"""Lay the first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from posxero.db.base import UtcDateTime

revision = "0001"
down_revision = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
NAME_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
LOOKED_AT = ["search_text", "is_customer", "is_supplier", "archived_at"]


def upgrade() -> None:
    """Create every table; the search index covers its text the way each database can."""
    op.create_table(
        "business",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("country", sa.String(length=2), server_default="", nullable=False),
        sa.Column("folded_country", sa.String(length=2), server_default="", nullable=False),
        sa.Column("timezone", sa.String(length=64), server_default="", nullable=False),
        sa.Column("currency", sa.String(length=3), server_default="", nullable=False),
        sa.Column("master_notice_read", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business")),
    )
    op.create_table(
        "grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tokens", sa.LargeBinary(), nullable=False),
        sa.Column("token_version", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("refreshed_at", UtcDateTime(), nullable=False),
        sa.Column("scopes", sa.String(length=500), nullable=False),
        sa.Column("auth_event_id", sa.String(length=64), nullable=False),
        sa.Column("lost_at", UtcDateTime(), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant")),
    )
    op.create_table(
        "activity",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.String(length=255), server_default="", nullable=False),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("raw", sa.Text(), server_default="", nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_activity_business_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_activity")),
    )
    op.create_index("ix_activity_at", "activity", ["business_id", "at"], unique=False)
    op.create_index("ix_activity_contact", "activity", ["business_id", "contact_id", "id"], unique=False)
    op.create_table(
        "connection",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("xero_connection_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("short_code", sa.String(length=32), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=True),
        sa.Column("connected_at", UtcDateTime(), nullable=False),
        sa.Column("connected_by", sa.String(length=255), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("paused_until", UtcDateTime(), nullable=True),
        sa.Column("paused_reason", sa.String(length=500), nullable=False),
        sa.Column("outages", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_connection_business_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["grant_id"], ["grant.id"], name=op.f("fk_connection_grant_id")),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_connection")),
    )
    op.create_index(
        "uq_connection_of_business",
        "connection",
        ["business_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'ended'"),
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_index(
        "uq_connection_of_tenant",
        "connection",
        ["tenant_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'ended'"),
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_table(
        "consent",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("session_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("verifier", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("grant_id", sa.Uuid(), nullable=True),
        sa.Column("organisations", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_consent_business_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["grant_id"], ["grant.id"], name=op.f("fk_consent_grant_id")),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_consent")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_consent_state_hash")),
    )
    op.create_table(
        "contact",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("is_customer", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("is_supplier", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("name", sa.String(length=255), server_default="", nullable=False),
        sa.Column("first_name", sa.String(length=255), server_default="", nullable=False),
        sa.Column("last_name", sa.String(length=255), server_default="", nullable=False),
        sa.Column("email", sa.String(length=255), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=90), server_default="", nullable=False),
        sa.Column("mobile", sa.String(length=90), server_default="", nullable=False),
        sa.Column("direct_dial", sa.String(length=90), server_default="", nullable=False),
        sa.Column("fax", sa.String(length=90), server_default="", nullable=False),
        sa.Column("street_line1", sa.String(length=500), server_default="", nullable=False),
        sa.Column("street_line2", sa.String(length=500), server_default="", nullable=False),
        sa.Column("street_line3", sa.String(length=500), server_default="", nullable=False),
        sa.Column("street_line4", sa.String(length=500), server_default="", nullable=False),
        sa.Column("street_city", sa.String(length=255), server_default="", nullable=False),
        sa.Column("street_region", sa.String(length=255), server_default="", nullable=False),
        sa.Column("street_postcode", sa.String(length=50), server_default="", nullable=False),
        sa.Column("street_country", sa.String(length=50), server_default="", nullable=False),
        sa.Column("postal_line1", sa.String(length=500), server_default="", nullable=False),
        sa.Column("postal_line2", sa.String(length=500), server_default="", nullable=False),
        sa.Column("postal_line3", sa.String(length=500), server_default="", nullable=False),
        sa.Column("postal_line4", sa.String(length=500), server_default="", nullable=False),
        sa.Column("postal_city", sa.String(length=255), server_default="", nullable=False),
        sa.Column("postal_region", sa.String(length=255), server_default="", nullable=False),
        sa.Column("postal_postcode", sa.String(length=50), server_default="", nullable=False),
        sa.Column("postal_country", sa.String(length=50), server_default="", nullable=False),
        sa.Column("company_number", sa.String(length=50), server_default="", nullable=False),
        sa.Column("tax_number", sa.String(length=50), server_default="", nullable=False),
        sa.Column("account_number", sa.String(length=50), server_default="", nullable=False),
        sa.Column("customer_code", sa.String(length=50), server_default="", nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("name_key", NAME_KEY, nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("email_key", sa.String(length=255), server_default="", nullable=False),
        sa.Column("phone_keys", sa.String(length=200), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("tax_number_edited", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("archived_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_contact_business_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_contact")),
    )
    op.create_index("ix_contact_email_key", "contact", ["business_id", "email_key"], unique=False)
    op.create_index(
        "uq_contact_customer_code",
        "contact",
        ["business_id", "customer_code"],
        unique=True,
        sqlite_where=sa.text("customer_code <> ''"),
        postgresql_where=sa.text("customer_code <> ''"),
    )
    op.create_table(
        "import",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.String(length=255), nullable=False),
        sa.Column("with_suppliers", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("phase", sa.String(20), nullable=False),
        sa.Column("phase_at", UtcDateTime(), nullable=False),
        sa.Column("started_by", sa.String(length=255), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("cancel_asked_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("walk_started_at", UtcDateTime(), nullable=True),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("page_size", sa.Integer(), nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Uuid(), nullable=True),
        sa.Column("token", sa.String(length=64), server_default="", nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("to_add", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("linked", sa.Integer(), nullable=False),
        sa.Column("already_linked", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("paused_until", UtcDateTime(), nullable=True),
        sa.Column("paused_reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("heartbeat_at", UtcDateTime(), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_import_business_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_import")),
    )
    op.create_index(
        "uq_import_running",
        "import",
        ["business_id"],
        unique=True,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "saved_form",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_saved_form_business_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("business_id", "token", name=op.f("pk_saved_form")),
    )
    op.create_table(
        "user",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=True),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_user_business_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
    )
    op.create_table(
        "import_row",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("xero_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("copy", JSON, nullable=False),
        sa.Column("is_customer", sa.Boolean(), nullable=False),
        sa.Column("is_supplier", sa.Boolean(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("phone_keys", sa.Text(), nullable=False),
        sa.Column("ours", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("doubtful", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("candidates", JSON, nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decision", sa.String(20), nullable=True),
        sa.Column("outcome", sa.String(20), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id", "import_id"],
            ["import.business_id", "import.id"],
            name=op.f("fk_import_row_business_id_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "import_id", "xero_id", name=op.f("pk_import_row")),
    )
    op.create_index(
        "ix_import_row_doubtful",
        "import_row",
        ["business_id", "import_id", "xero_id"],
        unique=False,
        sqlite_where=sa.text("doubtful"),
        postgresql_where=sa.text("doubtful"),
    )
    op.create_index(
        "ix_import_row_not_taken",
        "import_row",
        ["business_id", "import_id", "outcome"],
        unique=False,
        sqlite_where=sa.text("outcome IN ('left_out', 'skipped', 'refused')"),
        postgresql_where=sa.text("outcome IN ('left_out', 'skipped', 'refused')"),
    )
    op.create_table(
        "kept_form",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "user_id"],
            ["user.business_id", "user.id"],
            name=op.f("fk_kept_form_business_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_kept_form")),
    )
    op.create_table(
        "link",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("xero_id", sa.Uuid(), nullable=True),
        sa.Column("copy", JSON, nullable=False),
        sa.Column("copied_at", UtcDateTime(), nullable=True),
        sa.Column("differs", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("sent_revision", sa.Integer(), nullable=False),
        sa.Column("owed_revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("linked_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("creation_key", sa.String(length=128), server_default="", nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("verify_due", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "contact_id"],
            ["contact.business_id", "contact.id"],
            name=op.f("fk_link_business_id_contact_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_link")),
    )
    op.create_index("ix_link_contact", "link", ["business_id", "contact_id"], unique=False)
    op.create_index(
        "ix_link_owed",
        "link",
        ["business_id", "tenant_id", "next_try_at"],
        unique=False,
        sqlite_where=sa.text("sent_revision < owed_revision OR verify_due = 1"),
        postgresql_where=sa.text("sent_revision < owed_revision OR verify_due"),
    )
    op.create_index(
        "ix_link_parked",
        "link",
        ["business_id", "tenant_id", "state"],
        unique=False,
        sqlite_where=sa.text("state = 'parked'"),
        postgresql_where=sa.text("state = 'parked'"),
    )
    op.create_index("uq_link_contact", "link", ["business_id", "tenant_id", "contact_id"], unique=True)
    op.create_index("uq_link_xero_contact", "link", ["business_id", "tenant_id", "xero_id"], unique=True)
    op.create_table(
        "user_session",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("active_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "user_id"],
            ["user.business_id", "user.id"],
            name=op.f("fk_user_session_business_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_user_session_business_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_user_session")),
    )
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"], unique=False)

    if op.get_bind().dialect.name == "postgresql":
        op.create_index(
            "ix_contact_search_pg", "contact", ["business_id", "name_key", "id"], postgresql_include=LOOKED_AT
        )
    else:
        op.create_index("ix_contact_search", "contact", ["business_id", "name_key", "id", *LOOKED_AT])
