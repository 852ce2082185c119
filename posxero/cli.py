"""The commands of `posxero`. An error that a person can cure is one sentence, and exit code 1."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from posxero import logs, preflight
from posxero.db.base import database_time
from posxero.db.engine import prepare
from posxero.domain.enums import Role
from posxero.preflight import NotReady
from posxero.queue import QUEUES
from posxero.services import owed
from posxero.services.accounts import businesses, own_account, users
from posxero.services.accounts.security_log import COMMAND_LINE
from posxero.services.errors import Invalid, NotFound
from posxero.settings import InvalidSetting, Settings
from posxero.supervisor import start as shop
from posxero.supervisor import workers
from posxero.supervisor.console import Console
from posxero.supervisor.process_group import ChildFailed
from posxero.supervisor.valkey import NoValkey

CURABLE = (InvalidSetting, NotReady, NoValkey, ChildFailed)


class Sentences(click.Group):
    """Says errors that a person can cure in a sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except CURABLE as error:
            raise click.ClickException(str(error)) from error
        except Invalid as error:
            raise click.ClickException("\n".join(f"{line}." for line in error.errors.values())) from error


@click.group(cls=Sentences)
def main() -> None:
    """Retail POS: a shop's customers, kept in step with Xero."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="The first to try.  [default: 8000]")
def start(host: str, port: int | None) -> None:
    """Run everything a shop needs, until Ctrl-C."""
    shop.start(os.environ, host=host, port=port, console=Console())


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", "count", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes.")
def web(host: str, port: int, count: int) -> None:
    """Serve the pages."""
    settings = Settings.from_env(os.environ)
    preflight.check_database(settings)
    preflight.check_port(host, port)
    from posxero.server import serve  # noqa: PLC0415 - half a second, which other commands do without

    serve(settings, host, port, count)


@main.command()
@click.argument("queue", type=click.Choice(QUEUES), required=False)
def worker(queue: str | None) -> None:
    """Work off a QUEUE; without a name, run one process for each and start again what ends."""
    settings = Settings.from_env(os.environ)
    preflight.check_database(settings)
    if queue is None or settings.redis_url is None:
        preflight.check_redis(settings.redis_url)
        workers.run(os.environ, Console())
        return
    from posxero.app import create_app  # noqa: PLC0415 - half a second, which other commands do without
    from posxero.jobs import worker as job_worker  # noqa: PLC0415 - same

    job_worker.run(create_app(settings), queue)


@main.command()
def scheduler() -> None:
    """Look every few seconds for what is owed to Xero."""
    settings = Settings.from_env(os.environ)
    preflight.check_database(settings)
    from posxero.app import create_app  # noqa: PLC0415 - half a second, which other commands do without
    from posxero.jobs import scheduler as clock  # noqa: PLC0415 - same

    clock.run(create_app(settings))


@main.command()
def migrate() -> None:
    """Bring the database to the newest migration."""
    preflight.upgrade_database(Settings.from_env(os.environ))
    click.echo("The database is up to date.")


@main.command("practice-xero")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True)
@click.option("--contacts", type=click.IntRange(0, 100_000), default=1200, show_default=True)
def practice_xero(host: str, port: int, contacts: int) -> None:
    """Run Practice Xero, the stand-in to try everything with."""
    settings = Settings.from_env(os.environ)
    options = ["--host", host, "--port", str(port), "--contacts", str(contacts), "--data-dir", str(settings.data_dir)]
    os.execv(sys.executable, [sys.executable, "-m", "posxero.practice", *options])  # noqa: S606 - no shell is wanted


@main.command("create-business")
@click.option("--name", required=True, help="The shop's name.")
@click.option("--email", required=True, help="The owner's email.")
@click.option("--owner-name", default="", help="The owner's name; by default the first part of the email.")
@click.option("--country", default="", help="Two letters, like NZ.")
@click.option("--timezone", default="", help="Like Pacific/Auckland.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the standard input.")
def create_business(
    *, name: str, email: str, owner_name: str, country: str, timezone: str, password_stdin: bool
) -> None:
    """Create a business and its owner."""
    password = _password(from_stdin=password_stdin)
    owner_name = owner_name or _name_in(email)
    place = {"country": country, "timezone": timezone}
    with _session() as session:
        now = database_time(session)
        made, _ = businesses.create(
            session, name=name, owner_email=email, owner_name=owner_name, password=password, now=now, **place
        )
        click.echo(f"Created {made.name} ({made.id}). {email} owns it.")


@main.command("create-user")
@click.option("--business", required=True, help="The business's name or id.")
@click.option("--email", required=True)
@click.option("--name", default="", help="By default the first part of the email.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--password-stdin", is_flag=True, help="Read the password from the standard input.")
def create_user(*, business: str, email: str, name: str, role: str, password_stdin: bool) -> None:
    """Add a person to a business."""
    password = _password(from_stdin=password_stdin)
    with _session() as session:
        found = businesses.named(session, business)
        if found is None:
            raise click.ClickException(f"There is no business, or more than one, named {business}.")
        name, now = name or _name_in(email), database_time(session)
        users.add(session, found.id, name=name, email=email, role=role, password=password, now=now, by=COMMAND_LINE)
        click.echo(f"Created {email}, {role} of {found.name}.")


@main.command("refresh-links")
def refresh_links() -> None:
    """Have every link to Xero read again: a step of restoring a backup."""
    with _session() as session:
        count = owed.mark_refresh_due(session, now=database_time(session))
    contacts = "1 customer" if count == 1 else f"{count:,} customers"
    click.echo(f"{contacts} will be read from Xero before anything is sent, about 1,800 a minute for each business.")


@main.command("reset-password")
@click.option("--email", required=True, help="The email the person signs in with.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the standard input.")
def reset_password(*, email: str, password_stdin: bool) -> None:
    """Set a new password for a person, and sign them out everywhere."""
    password = _password(from_stdin=password_stdin)
    with _session() as session:
        try:
            user = own_account.reset_password(session, email, password, now=database_time(session))
        except NotFound:
            raise click.ClickException(f"Nobody signs in with {email}.") from None
        click.echo(f"{user.name} has a new password, and is signed out everywhere.")


def _name_in(email: str) -> str:
    return email.partition("@")[0].replace(".", " ").title()


def _password(*, from_stdin: bool) -> str:
    """Ask for a password twice, or read one line from the standard input."""
    if not from_stdin:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


@contextmanager
def _session() -> Iterator[Session]:
    settings = Settings.from_env(os.environ)
    preflight.check_database(settings)
    logs.configure(production=settings.production, to_stderr=True)
    engine = create_engine(settings.database_url)
    prepare(engine)
    try:
        with Session(engine, expire_on_commit=False) as session:
            yield session
    finally:
        engine.dispose()
