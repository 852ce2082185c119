"""Commands that maintain the database."""

import os

import click

from posxero import preflight
from posxero.cli.group import main
from posxero.cli.session import open_session
from posxero.db.base import database_time
from posxero.services import owed
from posxero.settings import Settings


@main.command()
def migrate() -> None:
    """Upgrade the database to the newest migration."""
    preflight.upgrade_database(Settings.from_env(os.environ))
    click.echo("The database is up to date.")


@main.command("refresh-links")
def refresh_links() -> None:
    """Mark every link to be read from Xero again: a step of restoring a backup."""
    with open_session() as session:
        count = owed.mark_refresh_due(session, now=database_time(session))
    contacts = "1 customer" if count == 1 else f"{count:,} customers"
    click.echo(f"{contacts} will be read from Xero before anything is sent, about 1,800 a minute for each business.")
