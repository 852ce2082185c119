"""Commands that create businesses and users, and set their passwords."""

import sys

import click

from posxero.cli.group import main
from posxero.cli.session import open_session
from posxero.db.base import database_time
from posxero.domain.enums import Role
from posxero.services.accounts import businesses, own_account, users
from posxero.services.accounts.security_log import COMMAND_LINE
from posxero.services.errors import NotFound


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
    password = _read_password(from_stdin=password_stdin)
    owner_name = owner_name or _name_from_email(email)
    place = {"country": country, "timezone": timezone}
    with open_session() as session:
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
    password = _read_password(from_stdin=password_stdin)
    with open_session() as session:
        found = businesses.named(session, business)
        if found is None:
            raise click.ClickException(f"There is no business, or more than one, named {business}.")
        name, now = name or _name_from_email(email), database_time(session)
        users.add(session, found.id, name=name, email=email, role=role, password=password, now=now, by=COMMAND_LINE)
        click.echo(f"Created {email}, {role} of {found.name}.")


@main.command("reset-password")
@click.option("--email", required=True, help="The email the person signs in with.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the standard input.")
def reset_password(*, email: str, password_stdin: bool) -> None:
    """Set a new password for a person, and sign them out everywhere."""
    password = _read_password(from_stdin=password_stdin)
    with open_session() as session:
        try:
            user = own_account.reset_password(session, email, password, now=database_time(session))
        except NotFound:
            raise click.ClickException(f"Nobody signs in with {email}.") from None
        click.echo(f"{user.name} has a new password, and is signed out everywhere.")


def _name_from_email(email: str) -> str:
    return email.partition("@")[0].replace(".", " ").title()


def _read_password(*, from_stdin: bool) -> str:
    """Ask for a password twice, or read one line from the standard input."""
    if not from_stdin:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
