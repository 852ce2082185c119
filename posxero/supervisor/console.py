"""The output of `posxero start`: lines of its child processes under their names, and how to sign in."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO

from posxero.settings import Settings
from posxero.supervisor.demo_data import demo_password

NAME_WIDTH = 9  # characters of the longest name, scheduler
COLOURS = {"web": 36, "push": 35, "import": 33, "upkeep": 34, "scheduler": 32, "valkey": 31, "practice": 95}
WHITE = 37  # ECMA-48, Select Graphic Rendition, as the colours above


class Console:
    """Writes to a terminal or a file. A terminal that was closed does not keep the shop from stopping in order."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Write to `stream`, by default to the standard output."""
        self._stream = stream or sys.stdout

    def print_child_line(self, name: str, line: str) -> None:
        """Print a line of a child's output."""
        label = f"{name:<{NAME_WIDTH}}"
        if self._stream.isatty():
            label = f"\x1b[{COLOURS.get(name, WHITE)}m{label}\x1b[0m"
        self.print(f"{label} | {line}")

    def print(self, text: str) -> None:
        """Print a text and a line feed."""
        with suppress(OSError):  # the terminal was closed
            self._stream.write(f"{text}\n")
            self._stream.flush()

    def print_welcome(self, settings: Settings, *, practice: bool, emails: Sequence[str]) -> None:
        """Print the address of the shop, and how to sign in.

        Args:
            practice: Practice Xero runs, too.
            emails: Those that sign in with the demo password.
        """
        lines = [("Retail POS", settings.public_url)]
        if practice:
            lines.append(("Practice Xero", settings.xero.web_url))
        if emails:
            lines += [("Sign in as", emails[0]), ("Password", demo_password(settings.secret_key))]
            lines += [("or as", email) for email in emails[1:]]
        else:
            lines.append(("Sign in as", "one of the shop's people (more: posxero create-user)"))
        lines += [("Data", str(settings.data_dir)), ("To end", "press Ctrl-C")]
        block = "\n".join(f"  {label:<15}{text}" for label, text in lines)
        self.print(f"\n{block}\n")
