"""What `posxero start` says: its children's lines under their names, and how to sign in."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO

from posxero.settings import Settings
from posxero.supervisor import demo_data

WIDTH = 9  # of the longest name, scheduler
COLOURS = {"web": 36, "push": 35, "import": 33, "upkeep": 34, "scheduler": 32, "valkey": 31, "practice": 95}


class Voice:
    """Writes to a terminal or a file. A terminal that went away does not stop the shop from ending in order."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Write to `stream`, by default to the standard output."""
        self._stream = stream or sys.stdout

    def say(self, name: str, line: str) -> None:
        """Show a line of a child."""
        label = f"{name:<{WIDTH}}"
        if self._stream.isatty():
            label = f"\x1b[{COLOURS.get(name, 37)}m{label}\x1b[0m"
        self.tell(f"{label} | {line}")

    def tell(self, text: str) -> None:
        """Show a text of our own."""
        with suppress(OSError):  # the terminal was closed
            self._stream.write(f"{text}\n")
            self._stream.flush()

    def welcome(self, settings: Settings, *, practice: bool, emails: Sequence[str]) -> None:
        """Tell where the shop is and how to sign in."""
        lines = [("Retail POS", settings.public_url)]
        if practice:
            lines.append(("Practice Xero", settings.xero.web_url))
        if emails:
            lines += [("Sign in as", emails[0]), ("Password", demo_data.password(settings.secret_key))]
            lines += [("or as", email) for email in emails[1:]]
        else:
            lines.append(("Sign in as", "one of the shop's people (more: posxero create-user)"))
        lines += [("Data", str(settings.data_dir)), ("To end", "press Ctrl-C")]
        block = "\n".join(f"  {label:<15}{text}" for label, text in lines)
        self.tell(f"\n{block}\n")
