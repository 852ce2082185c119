"""Variables of the environment, read one by one into typed values."""

from collections.abc import Callable, Mapping
from dataclasses import field, fields
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast, get_args
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "POSXERO_"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
DRIVERS = {"sqlite": "sqlite", "postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
MAX_NUMBER = 10**9 - 1  # of counts, and of seconds: 31 years
MAX_VALUE_SHOWN = 40  # characters of a wrong value in a message

PositiveInt = Annotated[int, Meta(ge=1, le=MAX_NUMBER)]
NonNegativeInt = Annotated[int, Meta(ge=0, le=MAX_NUMBER)]
PositiveSeconds = Annotated[float, Meta(gt=0, le=MAX_NUMBER)]
Group = TypeVar("Group")
Default = TypeVar("Default")
Value = TypeVar("Value")


class InvalidSetting(Exception):
    """A variable is missing or wrong. The message is one sentence that names it and never shows a secret."""


def variable(
    read: Callable[["Environment", str, Default], Value], name: str, default: Default, *, secret: bool = False
) -> Value:
    """Declare a field of a dataclass that `Environment.load` reads.

    Args:
        read: The method of `Environment` that reads it.
        name: The variable, without ``POSXERO_``.
        default: What `read` takes for a variable that is not set.
        secret: Leave the field out of the dataclass's representation.
    """
    return cast("Value", field(repr=not secret, metadata={"read": read, "name": name, "default": default}))


class Environment:
    """Reads ``POSXERO_…`` variables; every name below is given without that prefix."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Keep `environ`, a mapping like `os.environ`."""
        self._environ = environ

    def load(self, group: type[Group]) -> Group:
        """Read every field of a dataclass whose fields are declared by `variable`.

        Raises:
            InvalidSetting: One of the variables is wrong.
        """
        declared = {one.name: one.metadata for one in fields(cast("Any", group))}
        return group(**{name: one["read"](self, one["name"], one["default"]) for name, one in declared.items()})

    def invalid(self, name: str, reason: str) -> InvalidSetting:
        """Return the error that says what is wrong with a variable."""
        return InvalidSetting(f"{PREFIX}{name} {reason}.")

    def text(self, name: str, default: str = "") -> str:
        """Read a variable without the spaces around it; an empty one counts as not set."""
        return self._environ.get(PREFIX + name, "").strip() or default

    def choice(self, name: str, choices: Any, default: Value) -> Value:
        """Read one of `choices`, a ``Literal``.

        Raises:
            InvalidSetting: It is none of them.
        """
        return self._convert(name, choices, f"must be {' or '.join(get_args(choices))}", default)

    def positive_int(self, name: str, default: int, *, most: int | None = None) -> int:
        """Read a whole number, 1 or more, and `most` at the most.

        Raises:
            InvalidSetting: It is not one.
        """
        found = self._convert(name, PositiveInt, "must be a whole number, 1 or more", default)
        if most is not None and found > most:
            raise self.invalid(name, f"must be {most} or less, not {found}")
        return found

    def non_negative_int(self, name: str, default: int) -> int:
        """Read a whole number, 0 or more.

        Raises:
            InvalidSetting: It is not one.
        """
        return self._convert(name, NonNegativeInt, "must be a whole number, 0 or more", default)

    def seconds(self, name: str, default: float) -> float:
        """Read a number of seconds.

        Raises:
            InvalidSetting: It is not a number above zero.
        """
        return float(self._convert(name, PositiveSeconds, "must be a number of seconds above 0", default))

    def duration(self, name: str, default: float) -> timedelta:
        """Read a number of seconds as a duration.

        Raises:
            InvalidSetting: It is not a number above zero.
        """
        return timedelta(seconds=self.seconds(name, default))

    def durations(self, name: str, default: tuple[float, ...]) -> tuple[timedelta, ...]:
        """Read durations: numbers of seconds, separated by commas.

        Raises:
            InvalidSetting: One of them is not a number above zero.
        """
        kind, expected = tuple[PositiveSeconds, ...], "must be seconds above 0 separated by commas"
        return tuple(timedelta(seconds=seconds) for seconds in self._convert(name, kind, expected, default))

    def url(self, name: str, default: str) -> str:
        """Read a base URL; it is returned without a slash at its end.

        Raises:
            InvalidSetting: It is not http or https with a host, or plain http to another machine in production.
        """
        value = self.text(name, default).rstrip("/")
        try:
            parts = urlsplit(value)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        if not host or parts.scheme not in {"http", "https"} or parts.username or parts.query or parts.fragment:
            raise self.invalid(name, "must be an address like https://example.com, without a user, query or fragment")
        if self.text("ENV") == "production" and parts.scheme == "http" and host not in LOOPBACK:
            raise self.invalid(name, "must start with https:// in production")
        return value

    def origin(self, name: str, default: str, *, https: bool) -> str:
        """Read a URL that consists of a scheme and a host only.

        Raises:
            InvalidSetting: It is not, or it is not https where `https` asks for that.
        """
        value = self.url(name, default)
        if https and not value.startswith("https://"):
            raise self.invalid(name, "must be set in production, and start with https://")
        if urlsplit(value).path:
            raise self.invalid(name, "must be an address without a path, like https://pos.example.com")
        return value

    def database(self, name: str, default: Path) -> str:
        """Read the URL of a database for SQLAlchemy: an SQLite file with its absolute path, or PostgreSQL by psycopg.

        Without the variable, it is the SQLite file `default`.

        Raises:
            InvalidSetting: It is neither.
        """
        try:
            url = make_url(self.text(name) or URL.create("sqlite", database=str(default)))
        except (ArgumentError, ValueError):
            raise self.invalid(name, "is not the address of a database") from None
        driver = DRIVERS.get(url.get_backend_name())
        if driver is None:
            raise self.invalid(name, f"must start with sqlite:/// or postgresql://, not {url.drivername}://")
        if driver == "sqlite":
            if not url.database or url.database == ":memory:":
                raise self.invalid(name, "must name a file: several processes share the database")
            url = url.set(database=str(Path(url.database).expanduser().absolute()))
        return url.set(drivername=driver).render_as_string(hide_password=False)

    def redis(self, name: str) -> str | None:
        """Read the URL of a Redis or Valkey server; None when the variable is not set.

        Raises:
            InvalidSetting: Its scheme is unknown.
        """
        value = self.text(name)
        if not value:
            return None
        scheme, colon, rest = value.partition("://")
        scheme = {"valkey": "redis", "valkeys": "rediss"}.get(scheme, scheme)
        if not colon or not rest or scheme not in {"redis", "rediss", "unix"}:
            raise self.invalid(name, "must start with redis://, rediss:// or unix://")
        return f"{scheme}://{rest}"

    def _convert(self, name: str, kind: Any, expected: str, default: Value) -> Value:
        """Read a variable as a type that msgspec knows; parts of a tuple are separated by commas."""
        text = self.text(name)
        if not text:
            return default
        value = [part.strip() for part in text.split(",")] if isinstance(default, tuple) else text
        try:
            return cast("Value", msgspec.convert(value, kind, strict=False))
        except msgspec.ValidationError:
            raise self.invalid(name, f"{expected}, not {text[:MAX_VALUE_SHOWN]!r}") from None
