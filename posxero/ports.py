"""What entry points pass to services: everything outside the database, built once by the app."""

from dataclasses import dataclass
from typing import cast

import httpx2
from flask import Flask, current_app

from posxero.queue import JobQueue
from posxero.services.accounts.throttle.sign_in import SignInThrottle
from posxero.settings import Settings
from posxero.xero.limits import Limits
from posxero.xero.vault import Vault


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Settings, secrets, limits, the HTTP client of Xero, and the job queue."""

    settings: Settings
    vault: Vault
    limits: Limits
    http: httpx2.Client
    jobs: JobQueue
    throttle: SignInThrottle


def current_ports() -> Ports:
    """Read the ports of the running app.

    Raises:
        RuntimeError: No app context is pushed.
    """
    return ports_of(current_app)


def ports_of(app: Flask) -> Ports:
    """Read the ports of an app that is not running yet."""
    return cast("Ports", app.extensions["posxero"])
