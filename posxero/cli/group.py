"""The group of all commands. An error that a person can correct is one sentence, and exit code 1."""

from typing import Any

import click

from posxero.preflight import NotReady
from posxero.services.errors import Invalid
from posxero.settings import InvalidSetting
from posxero.supervisor.process_group import ChildFailed
from posxero.supervisor.valkey import NoValkey

CORRECTABLE = (InvalidSetting, NotReady, NoValkey, ChildFailed)


class CommandGroup(click.Group):
    """Prints errors that a person can correct as a sentence, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except CORRECTABLE as error:
            raise click.ClickException(str(error)) from error
        except Invalid as error:
            raise click.ClickException("\n".join(f"{line}." for line in error.errors.values())) from error


@click.group(cls=CommandGroup)
def main() -> None:
    """Retail POS: a shop's customers, kept in step with Xero."""
