"""The migrations make exactly the tables that the models say."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from posxero.db.migrate import is_current
from posxero.db.models import Base

ONLY_ELSEWHERE = {
    "sqlite": {"ix_contact_search_pg", "ix_contact_last_sold_on_pg"},
    "postgresql": {"ix_contact_search", "ix_contact_last_sold_on"},
}


def test_the_migrations_and_the_models_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, Base.metadata)
        assert is_current(connection)
    other = ONLY_ELSEWHERE[engine.dialect.name]
    assert [step for step in found if getattr(step[1], "name", "") not in other] == []
