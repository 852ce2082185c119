"""What calls to Xero need from outside. `posxero.ports.Ports` has it; services ask for no more than this."""

from typing import Protocol

import httpx2

from posxero.settings import Settings
from posxero.xero.limits import Limits
from posxero.xero.vault import Vault


class XeroPorts(Protocol):
    """Settings, the vault, the shared limits, and the connections to Xero."""

    @property
    def settings(self) -> Settings:
        """Return what was read from the environment."""

    @property
    def vault(self) -> Vault:
        """Return what encrypts tokens."""

    @property
    def limits(self) -> Limits:
        """Return the count of calls that every process shares."""

    @property
    def http(self) -> httpx2.Client:
        """Return the connections to Xero."""
