"""Settings: typed, read once from the environment, refused when they are wrong.

Every variable is named in `docs/settings.md`; the defaults start a shop on one machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal, Self

from posxero.environment import Environment, InvalidSetting, variable
from posxero.keys import Keys

__all__ = ["InvalidSetting", "Settings", "SlowClients", "Timings", "XeroSettings"]

MINUTE = 60.0  # seconds
DAY = 24 * 60 * MINUTE
LARGEST_CSV = 80  # megabytes: the server refuses requests of more than 90, whatever they hold
EnvironmentName = Literal["development", "production"]


@dataclass(frozen=True, slots=True, kw_only=True)
class XeroSettings:
    """The app as registered with Xero, the base URLs of Xero, and Xero's limits for one organisation."""

    client_id: str = variable(Environment.text, "XERO_CLIENT_ID", "")
    client_secret: str = variable(Environment.text, "XERO_CLIENT_SECRET", "", secret=True)
    webhook_key: str = variable(Environment.text, "XERO_WEBHOOK_KEY", "", secret=True)
    login_url: str = variable(Environment.url, "XERO_LOGIN_URL", "https://login.xero.com")
    identity_url: str = variable(Environment.url, "XERO_IDENTITY_URL", "https://identity.xero.com")
    api_url: str = variable(Environment.url, "XERO_API_URL", "https://api.xero.com")
    web_url: str = variable(Environment.url, "XERO_WEB_URL", "https://go.xero.com")
    minute_limit: int = variable(Environment.positive_int, "XERO_MINUTE_LIMIT", 60)
    day_limit: int = variable(Environment.positive_int, "XERO_DAY_LIMIT", 5000)
    concurrent_limit: int = variable(Environment.positive_int, "XERO_CONCURRENT_LIMIT", 5)

    @classmethod
    def from_env(cls, env: Environment) -> Self:
        """Read the ``POSXERO_XERO_…`` variables.

        Raises:
            InvalidSetting: A value is wrong, or the client's id is set without its secret.
        """
        settings = env.load(cls)
        if settings.client_id and not settings.client_secret:
            raise env.invalid("XERO_CLIENT_SECRET", "is needed when POSXERO_XERO_CLIENT_ID is set")
        return settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Intervals, leases and time-outs (those in seconds). Tests shorten them."""

    sweep: timedelta = variable(Environment.duration, "SWEEP_SECONDS", 10)  # between two sweeps
    heartbeat: timedelta = variable(Environment.duration, "HEARTBEAT_SECONDS", 10)  # between two of a process
    lease: timedelta = variable(Environment.duration, "LEASE_SECONDS", 60)  # of a link being pushed, of an import
    verify_again: tuple[timedelta, ...] = variable(  # after an unknown outcome: when Xero is read again
        Environment.durations, "VERIFY_AGAIN_SECONDS", (2 * MINUTE, 10 * MINUTE)
    )
    slice: timedelta = variable(Environment.duration, "SLICE_SECONDS", 25)  # of an import, before another business
    # How long the ids that webhooks name are collected before they are read.
    webhook_delay: timedelta = variable(Environment.duration, "WEBHOOK_DELAY_SECONDS", 3)
    # Between two looks for changes in Xero, and the same on a day limit of 1,000 calls or less.
    poll: timedelta = variable(Environment.duration, "POLL_SECONDS", 5 * MINUTE)
    poll_where_scarce: timedelta = variable(Environment.duration, "POLL_WHERE_SCARCE_SECONDS", 15 * MINUTE)
    walk: timedelta = variable(Environment.duration, "WALK_SECONDS", DAY)  # between two walks; a day: at night
    import_rows: timedelta = variable(Environment.duration, "IMPORT_ROWS_SECONDS", 30 * DAY)  # after an import ended
    answers: timedelta = variable(Environment.duration, "ANSWERS_SECONDS", 30 * DAY)  # what Xero was sent and answered
    keep_alive: timedelta = variable(Environment.duration, "KEEP_ALIVE_SECONDS", 20 * DAY)  # of tokens nobody used
    token_lease: timedelta = variable(Environment.duration, "TOKEN_LEASE_SECONDS", 30)  # of a refresh of tokens
    token_wait: timedelta = variable(Environment.duration, "TOKEN_WAIT_SECONDS", 15)  # for another process's refresh
    idle: timedelta = variable(Environment.duration, "IDLE_SECONDS", 15 * MINUTE)  # until an unused sign-in ends
    absolute: timedelta = variable(Environment.duration, "ABSOLUTE_SECONDS", DAY / 2)  # until any sign-in ends
    connect_timeout: float = variable(Environment.seconds, "CONNECT_SECONDS", 3)  # to Xero
    read_timeout: float = variable(Environment.seconds, "READ_SECONDS", 20)  # between two pieces of Xero's response
    token_timeout: float = variable(Environment.seconds, "TOKEN_SECONDS", 10)  # for Xero's token endpoint
    page_redis_timeout: float = variable(Environment.seconds, "PAGE_REDIS_SECONDS", 0.25)  # in a browser's request


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowClients:
    """How slowly a browser may send a request. Apache's mod_reqtimeout counts the same way."""

    header_timeout: float = variable(Environment.seconds, "HEADER_SECONDS", 10)  # for the request line and the headers
    body_timeout: float = variable(Environment.seconds, "BODY_SECONDS", 10)
    body_rate: int = variable(Environment.positive_int, "BODY_RATE", 500)  # bytes of a body that earn one more second


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that a process of posxero reads from its environment."""

    env: EnvironmentName
    secret_key: str = field(repr=False)
    token_keys: tuple[str, ...] = field(repr=False)  # Fernet keys, newest first
    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)  # None: no jobs are enqueued
    public_url: str
    data_dir: Path
    csv_max_mb: int  # megabytes of a CSV file that is imported
    proxies: int  # reverse proxies in front whose X-Forwarded-… headers are believed
    xero: XeroSettings
    timings: Timings
    slow_clients: SlowClients

    @property
    def production(self) -> bool:
        """Return whether real customers are served: then nothing weak is accepted."""
        return self.env == "production"

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read and check every setting. In development, create the data folder and its keys when they are missing.

        Raises:
            InvalidSetting: A variable is missing or wrong; the message names it and says what is expected.
        """
        env = Environment(environ)
        name: EnvironmentName = env.choice("ENV", EnvironmentName, "development")
        production = name == "production"
        data_dir = Path(env.text("DATA_DIR", "var")).expanduser().absolute()
        keys = Keys.for_production(env) if production else Keys.for_development(env, data_dir)
        return cls(
            env=name,
            secret_key=keys.secret_key,
            token_keys=keys.token_keys,
            database_url=env.database("DATABASE_URL", data_dir / "posxero.db"),
            redis_url=env.redis("REDIS_URL"),
            public_url=env.origin("PUBLIC_URL", "http://localhost:8000", https=production),
            data_dir=data_dir,
            csv_max_mb=env.positive_int("CSV_MAX_MB", 40, most=LARGEST_CSV),
            proxies=env.non_negative_int("PROXIES", 0),
            xero=XeroSettings.from_env(env),
            timings=env.load(Timings),
            slow_clients=env.load(SlowClients),
        )
