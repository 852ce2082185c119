"""Variables of the environment, read one by one into typed values."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "POSXERO_"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
DIGITS = 9  # of a whole number, at most
DRIVERS = {"sqlite": "sqlite", "postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}


class WrongSetting(Exception):
    """A variable is missing or wrong. The message is one sentence that names it and never shows a secret."""


class Environment:
    """Reads ``POSXERO_…`` variables; every name below is given without that prefix."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Keep `environ`, a mapping like `os.environ`."""
        self._environ = environ

    def wrong(self, name: str, reason: str) -> WrongSetting:
        """Make the error that says what is wrong with a variable."""
        return WrongSetting(f"{PREFIX}{name} {reason}.")

    def text(self, name: str, default: str = "") -> str:
        """Read a variable without the spaces around it; an empty one counts as not set."""
        return self._environ.get(PREFIX + name, "").strip() or default

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """Read one of `choices`, of which the first is the default.

        Raises:
            WrongSetting: It is none of them.
        """
        value = self.text(name, choices[0])
        if value not in choices:
            raise self.wrong(name, f"must be {' or '.join(choices)}, not {value!r}")
        return value

    def whole(self, name: str, default: int, *, least: int = 1) -> int:
        """Read a whole number.

        Raises:
            WrongSetting: It is not one, or below `least`.
        """
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit() and len(value) <= DIGITS and least <= int(value)):
            raise self.wrong(name, f"must be a whole number, {least} or more, not {value[:40]!r}")
        return int(value)

    def seconds(self, name: str, default: float) -> float:
        """Read ``POSXERO_<name>_SECONDS``.

        Raises:
            WrongSetting: It is not a number above zero.
        """
        value = self.text(f"{name}_SECONDS", str(default))
        number = _seconds(value)
        if number is None:
            raise self.wrong(f"{name}_SECONDS", f"must be a number of seconds above 0, not {value[:40]!r}")
        return number

    def duration(self, name: str, default: float) -> timedelta:
        """Read ``POSXERO_<name>_SECONDS`` as a duration.

        Raises:
            WrongSetting: It is not a number above zero.
        """
        return timedelta(seconds=self.seconds(name, default))

    def durations(self, name: str, default: Sequence[float]) -> tuple[timedelta, ...]:
        """Read ``POSXERO_<name>_SECONDS`` as durations separated by commas.

        Raises:
            WrongSetting: One of them is not a number above zero.
        """
        value = self.text(f"{name}_SECONDS", ",".join(map(str, default)))
        numbers = [_seconds(part) for part in value.split(",")]
        if None in numbers:
            raise self.wrong(f"{name}_SECONDS", f"must be seconds above 0 separated by commas, not {value[:40]!r}")
        return tuple(timedelta(seconds=number) for number in numbers if number is not None)

    def url(self, name: str, default: str) -> str:
        """Read the base of web addresses, without a slash at its end.

        Raises:
            WrongSetting: It is not http or https with a host, or plain http to another machine in production.
        """
        value = self.text(name, default).rstrip("/")
        try:
            parts = urlsplit(value)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        if not host or parts.scheme not in {"http", "https"} or parts.username or parts.query or parts.fragment:
            raise self.wrong(name, "must be an address like https://example.com, without a user, query or fragment")
        if self.text("ENV") == "production" and parts.scheme == "http" and host not in LOOPBACK:
            raise self.wrong(name, "must start with https:// in production")
        return value

    def origin(self, name: str, default: str, *, https: bool) -> str:
        """Read an address that is a scheme and a host only.

        Raises:
            WrongSetting: It is not, or it is not https where `https` asks for that.
        """
        value = self.url(name, default)
        if https and not value.startswith("https://"):
            raise self.wrong(name, "must be set in production, and start with https://")
        if urlsplit(value).path:
            raise self.wrong(name, "must be an address without a path, like https://pos.example.com")
        return value

    def database(self, name: str, default: Path) -> str:
        """Read SQLAlchemy's address of a database: a file of SQLite with its whole path, or PostgreSQL by psycopg.

        Without the variable it is SQLite's file `default`.

        Raises:
            WrongSetting: It is neither.
        """
        try:
            url = make_url(self.text(name) or URL.create("sqlite", database=str(default)))
        except (ArgumentError, ValueError):
            raise self.wrong(name, "is not the address of a database") from None
        driver = DRIVERS.get(url.get_backend_name())
        if driver is None:
            raise self.wrong(name, f"must start with sqlite:/// or postgresql://, not {url.drivername}://")
        if driver == "sqlite":
            if not url.database or url.database == ":memory:":
                raise self.wrong(name, "must name a file: several processes share the database")
            url = url.set(database=str(Path(url.database).expanduser().absolute()))
        return url.set(drivername=driver).render_as_string(hide_password=False)

    def redis(self, name: str) -> str | None:
        """Read the address of a Redis or Valkey server, None when there is none.

        Raises:
            WrongSetting: Its scheme is unknown.
        """
        value = self.text(name)
        if not value:
            return None
        scheme, colon, rest = value.partition("://")
        scheme = {"valkey": "redis", "valkeys": "rediss"}.get(scheme, scheme)
        if not colon or not rest or scheme not in {"redis", "rediss", "unix"}:
            raise self.wrong(name, "must start with redis://, rediss:// or unix://")
        return f"{scheme}://{rest}"


def _seconds(text: str) -> float | None:
    """Return a number of seconds above zero, None when the text is not one."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 < number <= 10**9 else None
