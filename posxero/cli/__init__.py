"""The commands of `posxero`."""

from posxero.cli import accounts, maintenance, processes
from posxero.cli.group import main

__all__ = ["accounts", "main", "maintenance", "processes"]
