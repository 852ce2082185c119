"""What calls to Xero need from outside. The doors' `posxero.ports.Ports` is one; services ask for no more than this."""

from typing import Protocol

import httpx2

from posxero.settings import Settings
from posxero.xero.limits import Limits
from posxero.xero.vault import Vault


class XeroPorts(Protocol):
    """Settings, sealed tokens, the shared count of calls, and the connections to Xero."""

    @property
    def settings(self) -> Settings:
        """What was read from the environment."""

    @property
    def vault(self) -> Vault:
        """What seals tokens."""

    @property
    def limits(self) -> Limits:
        """The count of calls that every process shares."""

    @property
    def http(self) -> httpx2.Client:
        """The connections to Xero."""
