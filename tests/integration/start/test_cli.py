"""Commands do what they say, and say what is wrong in one sentence."""

from __future__ import annotations

import contextlib
import json
import socket
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from posxero.cli import main
from posxero.db.business import Business, User
from posxero.domain.enums import Role
from posxero.services.accounts import passwords

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy.orm import Session

PASSWORD = "three unrelated words"


@pytest.fixture
def posxero(environment: dict[str, str], database_url: str) -> Callable[..., Result]:
    """Run a command on the test's database."""

    def run(*words: str, typed: str = "", **variables: str) -> Result:
        env = {**environment, "POSXERO_DATABASE_URL": database_url, **variables}
        return CliRunner().invoke(main, list(words), input=typed, env=env)

    return run


def create_business(posxero: Callable[..., Result], **options: str) -> Result:
    words = {"name": "Kowhai Clothing", "email": "olive.tui@shop.example", "country": "NZ", **options}
    pairs = [word for name, value in words.items() for word in (f"--{name}", value)]
    return posxero("create-business", *pairs, "--password-stdin", typed=f"{PASSWORD}\n")


def test_a_business_gets_an_owner_who_can_sign_in(posxero: Callable[..., Result], session: Session) -> None:
    done = create_business(posxero)
    assert done.exit_code == 0, done.output
    owner = session.scalars(select(User)).one()
    assert (owner.name, owner.email, owner.role) == ("Olive Tui", "olive.tui@shop.example", Role.OWNER)
    assert passwords.verify(PASSWORD, owner.password_hash)[0]
    assert session.get_one(Business, owner.business_id).country == "NZ"
    assert PASSWORD not in done.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"email": "olive"}, "Enter an email address"),
        ({"name": " "}, "Enter the business's name"),
        ({"country": "New Zealand"}, "two letters"),
        ({"timezone": "Auckland"}, "time zone"),
    ],
)
def test_a_wrong_business_is_refused_in_words(
    posxero: Callable[..., Result], session: Session, options: dict[str, str], said: str
) -> None:
    done = create_business(posxero, **options)
    assert done.exit_code == 1
    assert said in done.output
    assert session.scalars(select(Business)).all() == []


def test_a_short_password_is_refused_in_words(posxero: Callable[..., Result]) -> None:
    done = posxero("create-business", "--name", "A", "--email", "a@b.example", "--password-stdin", typed="x\n")
    assert done.exit_code == 1
    assert "Password must be" in done.output


def test_people_are_added_by_the_name_of_the_business(posxero: Callable[..., Result], session: Session) -> None:
    create_business(posxero)
    words = ["create-user", "--business", "Kowhai Clothing", "--email", "sam@shop.example", "--role", "staff"]
    done = posxero(*words, "--password-stdin", typed=f"{PASSWORD}\r\n")
    assert done.exit_code == 0, done.output
    sam = session.scalars(select(User).where(User.email == "sam@shop.example")).one()
    assert sam.role is Role.STAFF
    assert passwords.verify(PASSWORD, sam.password_hash)[0]


def test_a_business_that_is_not_there_is_named(posxero: Callable[..., Result]) -> None:
    words = ["create-user", "--business", "Nowhere", "--email", "sam@shop.example", "--role", "staff"]
    done = posxero(*words, "--password-stdin", typed=f"{PASSWORD}\n")
    assert done.exit_code == 1
    assert "named Nowhere" in done.output


def test_migrate_can_be_run_again(posxero: Callable[..., Result]) -> None:
    done = posxero("migrate")
    assert (done.exit_code, done.output) == (0, "The database is up to date.\n")


def test_a_new_database_is_made_with_its_folder(posxero: Callable[..., Result], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'shop.db'}"
    assert posxero("web", POSXERO_DATABASE_URL=url).output == "Error: There is no database yet. Run: posxero migrate\n"
    assert posxero("migrate", POSXERO_DATABASE_URL=url).exit_code == 0
    assert (tmp_path / "new" / "shop.db").exists()


@pytest.mark.parametrize("command", ["web", "worker", "scheduler"])
def test_a_missing_migration_is_said_at_once(command: str, tmp_path: Path, posxero: Callable[..., Result]) -> None:
    (tmp_path / "old.db").touch()
    done = posxero(command, POSXERO_DATABASE_URL=f"sqlite:///{tmp_path}/old.db")
    assert (done.exit_code, done.output) == (
        1,
        "Error: The database lacks the newest migration. Run: posxero migrate\n",
    )


@pytest.mark.parametrize("command", ["web", "worker", "scheduler", "migrate", "start"])
def test_a_database_of_a_newer_version_is_left_alone(
    command: str, tmp_path: Path, posxero: Callable[..., Result]
) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "newer.db")) as newer, newer:
        newer.execute("CREATE TABLE alembic_version (version_num TEXT)")
        newer.execute("INSERT INTO alembic_version VALUES ('9999')")
    done = posxero(command, POSXERO_DATABASE_URL=f"sqlite:///{tmp_path}/newer.db", POSXERO_DATA_DIR=str(tmp_path))
    assert done.exit_code == 1
    assert done.output.startswith("Error: A newer version of Retail POS has used this database.")


@pytest.mark.parametrize("command", ["web", "worker", "scheduler", "migrate", "start"])
def test_a_database_that_is_away_is_said_in_a_sentence(
    command: str, tmp_path: Path, posxero: Callable[..., Result]
) -> None:
    away = "postgresql://shop:planted-secret@127.0.0.1:1/shop"
    done = posxero(command, POSXERO_DATABASE_URL=away, POSXERO_DATA_DIR=str(tmp_path))
    assert done.exit_code == 1
    assert done.output.startswith("Error: The database postgresql+psycopg://shop:***@127.0.0.1:1/shop cannot be used:")
    assert done.output.count("\n") == 1
    assert "planted" not in done.output


@pytest.mark.parametrize("command", ["worker", "start"])
def test_a_redis_that_is_away_is_said_in_a_sentence(
    command: str, tmp_path: Path, posxero: Callable[..., Result]
) -> None:
    away = {"POSXERO_REDIS_URL": "redis://:planted@127.0.0.1:1/0", "POSXERO_DATA_DIR": str(tmp_path)}
    done = posxero(command, **away)
    assert done.exit_code == 1
    assert "Error: The server at POSXERO_REDIS_URL isn't responding" in done.output
    assert "planted" not in done.output
    assert "Traceback" not in done.output


def test_a_worker_without_redis_is_told_what_to_set(posxero: Callable[..., Result]) -> None:
    done = posxero("worker", "push")
    assert done.exit_code == 1
    assert "POSXERO_REDIS_URL is not set" in done.output


def test_a_wrong_setting_is_said_by_name(posxero: Callable[..., Result]) -> None:
    done = posxero("migrate", POSXERO_XERO_MINUTE_LIMIT="many")
    assert done.exit_code == 1
    assert done.output == "Error: POSXERO_XERO_MINUTE_LIMIT must be a whole number, 1 or more, not 'many'.\n"


def test_a_port_in_use_is_said_in_a_sentence(posxero: Callable[..., Result]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = posxero("web", "--port", port)
    assert done.exit_code == 1
    assert f"Port {port} of 127.0.0.1 is in use by another program." in done.output


def test_practice_xero_is_not_imported_by_the_commands() -> None:
    program = "import json, sys, posxero.cli; print(json.dumps([n for n in sys.modules if 'practice' in n]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
