"""Settings: typed, read once from the environment, refused when they are wrong.

Every variable is named in `docs/settings.md`; the defaults start a shop on one machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Self

from cryptography.fernet import Fernet

from posxero.environment import Environment, WrongSetting
from posxero.keys import Keys

__all__ = ["Settings", "SlowClients", "Timings", "WrongSetting", "XeroSettings"]

MINUTE = 60.0  # seconds
DAY = 24 * 60 * MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class XeroSettings:
    """The app as Xero knows it, the four bases of Xero's addresses, and Xero's limits for one organisation."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    webhook_key: str = field(default="", repr=False)
    login_url: str = "https://login.xero.com"
    identity_url: str = "https://identity.xero.com"
    api_url: str = "https://api.xero.com"
    web_url: str = "https://go.xero.com"
    minute_limit: int = 60
    day_limit: int = 5000
    concurrent_limit: int = 5

    @classmethod
    def read(cls, env: Environment) -> Self:
        """Read the ``POSXERO_XERO_…`` variables.

        Raises:
            WrongSetting: A value is wrong, or the client's id is set without its secret.
        """
        client_id, client_secret = env.text("XERO_CLIENT_ID"), env.text("XERO_CLIENT_SECRET")
        if client_id and not client_secret:
            raise env.wrong("XERO_CLIENT_SECRET", "is needed when POSXERO_XERO_CLIENT_ID is set")
        return cls(
            client_id=client_id,
            client_secret=client_secret,
            webhook_key=env.text("XERO_WEBHOOK_KEY"),
            login_url=env.url("XERO_LOGIN_URL", "https://login.xero.com"),
            identity_url=env.url("XERO_IDENTITY_URL", "https://identity.xero.com"),
            api_url=env.url("XERO_API_URL", "https://api.xero.com"),
            web_url=env.url("XERO_WEB_URL", "https://go.xero.com"),
            minute_limit=env.whole("XERO_MINUTE_LIMIT", 60),
            day_limit=env.whole("XERO_DAY_LIMIT", 5000),
            concurrent_limit=env.whole("XERO_CONCURRENT_LIMIT", 5),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """How long things last. Tests shorten them."""

    sweep: timedelta  # between two looks at what is owed
    heartbeat: timedelta  # between two signs of life of a process
    lease: timedelta  # of a link that is being pushed, and of an import
    verify_again: tuple[timedelta, ...]  # after an unknown outcome: when Xero is read again
    slice: timedelta  # of an import, before it lets another business have the worker
    keep_alive: timedelta  # after which an unused grant's tokens are refreshed
    token_lease: timedelta  # of a grant whose tokens are being refreshed
    token_wait: timedelta  # for another process's refresh, before the job is postponed
    idle: timedelta  # of a sign-in without a page asked for by a person
    absolute: timedelta  # of a sign-in, whatever happens
    connect_timeout: float  # seconds, to Xero
    read_timeout: float  # seconds, from Xero
    token_timeout: float  # seconds, for Xero's token endpoint
    hint_timeout: float  # seconds, for a hint to reach Redis

    @classmethod
    def read(cls, env: Environment) -> Self:
        """Read the ``POSXERO_…_SECONDS`` variables.

        Raises:
            WrongSetting: A value is not a number above zero.
        """
        return cls(
            sweep=env.duration("SWEEP", 10),
            heartbeat=env.duration("HEARTBEAT", 10),
            lease=env.duration("LEASE", 60),
            verify_again=env.durations("VERIFY_AGAIN", (2 * MINUTE, 10 * MINUTE)),
            slice=env.duration("SLICE", 25),
            keep_alive=env.duration("KEEP_ALIVE", 20 * DAY),
            token_lease=env.duration("TOKEN_LEASE", 30),
            token_wait=env.duration("TOKEN_WAIT", 15),
            idle=env.duration("IDLE", 15 * MINUTE),
            absolute=env.duration("ABSOLUTE", DAY / 2),
            connect_timeout=env.seconds("CONNECT", 3),
            read_timeout=env.seconds("READ", 20),
            token_timeout=env.seconds("TOKEN", 10),
            hint_timeout=env.seconds("HINT", 0.25),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowClients:
    """How slowly a browser may send a request. Apache's mod_reqtimeout counts the same way."""

    header_timeout: float  # seconds for the first line and the headers
    body_timeout: float  # seconds for a body
    body_rate: int  # bytes of a body that earn one more second

    @classmethod
    def read(cls, env: Environment) -> Self:
        """Read ``POSXERO_HEADER_SECONDS``, ``POSXERO_BODY_SECONDS`` and ``POSXERO_BODY_RATE``.

        Raises:
            WrongSetting: A value is not a number above zero.
        """
        return cls(
            header_timeout=env.seconds("HEADER", 10),
            body_timeout=env.seconds("BODY", 10),
            body_rate=env.whole("BODY_RATE", 500),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that a process of posxero is told from outside."""

    env: str
    secret_key: str = field(repr=False)
    token_keys: tuple[str, ...] = field(repr=False)  # Fernet keys, newest first
    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)  # None: no hints are sent, the sweep does all
    public_url: str
    data_dir: Path
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
        """Read and check every setting. In development, make the data folder and its keys when they are missing.

        Raises:
            WrongSetting: A variable is missing or wrong; the message names it and says what is expected.
        """
        env = Environment(environ)
        name = env.choice("ENV", ("development", "production"))
        production = name == "production"
        data_dir = Path(env.text("DATA_DIR", "var")).expanduser().absolute()
        keys = _production_keys(env) if production else _development_keys(env, data_dir)
        return cls(
            env=name,
            secret_key=keys.secret_key,
            token_keys=keys.token_keys,
            database_url=env.database("DATABASE_URL", data_dir / "posxero.db"),
            redis_url=env.redis("REDIS_URL"),
            public_url=env.origin("PUBLIC_URL", "http://localhost:8000", https=production),
            data_dir=data_dir,
            proxies=env.whole("PROXIES", 0, least=0),
            xero=XeroSettings.read(env),
            timings=Timings.read(env),
            slow_clients=SlowClients.read(env),
        )


def _token_keys(env: Environment) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in env.text("TOKEN_KEYS").split(",") if key.strip())
    for place, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError:
            reason = f"has an invalid key at position {place}: each is 32 bytes in URL-safe base64, separated by commas"
            raise env.wrong("TOKEN_KEYS", reason) from None
    return keys


def _production_keys(env: Environment) -> Keys:
    secret_key, token_keys = env.text("SECRET_KEY"), _token_keys(env)
    if len(secret_key) < 32:  # noqa: PLR2004 - 256 bits as hexadecimal are 64, as base64 44; 32 is the floor
        raise env.wrong("SECRET_KEY", "must be set in production, to at least 32 random characters")
    if not token_keys:
        raise env.wrong("TOKEN_KEYS", "must be set in production, to one or more Fernet keys, the newest first")
    return Keys(secret_key, token_keys)


def _development_keys(env: Environment, data_dir: Path) -> Keys:
    secret_key, token_keys = env.text("SECRET_KEY"), _token_keys(env)
    if secret_key and token_keys:
        return Keys(secret_key, token_keys)
    try:
        kept = Keys.kept(data_dir)
    except (OSError, ValueError) as error:
        raise env.wrong("DATA_DIR", f"is not usable: {error}") from error
    return Keys(secret_key or kept.secret_key, token_keys or kept.token_keys)
