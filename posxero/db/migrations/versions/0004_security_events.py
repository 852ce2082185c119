"""Add the security log, the alert of a business, and what a sign-in shows of its device."""

import sqlalchemy as sa
from alembic import op

from posxero.db.base import UtcDateTime, new_id

revision = "0004"
down_revision = "0003"

# Triggers go when a later batch migration copies the table: it must make them again.
SQLITE_TRIGGERS = (
    """CREATE TRIGGER security_event_no_update BEFORE UPDATE ON security_event
    BEGIN SELECT RAISE(ABORT, 'the security log is append-only'); END""",
    """CREATE TRIGGER security_event_no_delete BEFORE DELETE ON security_event
    WHEN EXISTS (SELECT 1 FROM business WHERE id = OLD.business_id)
    BEGIN SELECT RAISE(ABORT, 'the security log is append-only'); END""",
)
POSTGRESQL_TRIGGERS = (
    """CREATE FUNCTION security_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT 1 FROM business WHERE id = OLD.business_id) THEN
            RETURN OLD;  -- it goes with its business
        END IF;
        RAISE EXCEPTION 'the security log is append-only';
    END $$""",
    """CREATE TRIGGER security_event_append_only BEFORE UPDATE OR DELETE ON security_event
    FOR EACH ROW EXECUTE FUNCTION security_event_append_only()""",
)


def upgrade() -> None:
    """Add an id to existing sign-ins: nobody is signed out."""
    op.create_table(
        "security_event",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("detail", sa.String(length=255), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_security_event_business_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_security_event")),
    )
    op.create_index("ix_security_event_at", "security_event", ["business_id", "at", "id"])
    op.create_index("ix_security_event_kind", "security_event", ["business_id", "kind", "at", "id"])
    op.add_column("business", sa.Column("security_alert_at", UtcDateTime(), nullable=True))
    op.add_column("user_session", sa.Column("id", sa.Uuid(), nullable=True))
    op.add_column("user_session", sa.Column("user_agent", sa.String(length=255), server_default="", nullable=False))
    _name_sessions()
    with op.batch_alter_table("user_session") as batch:
        batch.alter_column("id", existing_type=sa.Uuid(), nullable=False)
        batch.create_unique_constraint(op.f("uq_user_session_id"), ["id"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_TRIGGERS if sqlite else POSTGRESQL_TRIGGERS:
        op.execute(statement)


def _name_sessions() -> None:
    sessions = sa.table("user_session", sa.column("secret_hash", sa.String()), sa.column("id", sa.Uuid()))
    bind = op.get_bind()
    for (secret_hash,) in bind.execute(sa.select(sessions.c.secret_hash)).all():
        named = sa.update(sessions).where(sessions.c.secret_hash == secret_hash)
        bind.execute(named.values(id=new_id()))
