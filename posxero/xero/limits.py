"""Stay within Xero's limits, over all processes: 60 calls a minute, 5 at once and a daily allowance an organisation.

Redis counts; `limits.lua` decides in one step. We keep a margin, as Xero's windows are not ours: 55 a minute, 4 at
once. Of those, 10 a minute, one at once and a tenth of the day are kept from imports and polls (`reserve`), so that
a person's save goes ahead of them. When Redis cannot be asked, nothing is sent.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from importlib import resources
from typing import Any, Self
from uuid import UUID

import structlog
from redis import Redis, RedisError

from posxero.redis_client import page_client, redis_client
from posxero.settings import Settings
from posxero.xero.errors import Limited, OutcomeUnknown, TooSlow

APP_MINUTE = 10_000  # calls by the app in a minute over all organisations; Xero's "OAuth 2.0 API limits"
MARGIN, APP_MARGIN = 5, 500  # calls a minute that stay unused
KEPT = 10  # calls a minute kept for people
LONGEST, SHORTEST = timedelta(hours=24), timedelta(seconds=1)  # what a Retry-After is believed to be
REDIS_TIMEOUT = 2.0  # seconds; only workers and the return from the consent page count calls
NO_COUNT = timedelta(seconds=5)  # how long to leave off when Redis cannot be asked

log = structlog.get_logger(__name__)


class Limits:
    """The count of our calls to Xero, shared by every process that uses the same Redis."""

    def __init__(self, redis: Redis | None, settings: Settings, *, page_client: Redis | None = None) -> None:
        """Take a client with short time-outs; None, when there is no Redis, refuses every call.

        Pages show counts through `page_client`, which has a shorter time-out.
        """
        xero, timings = settings.xero, settings.timings
        self._redis = redis
        self._page_client = page_client or redis
        self._xero = xero
        self.lease = 2 * (timings.connect_timeout + timings.read_timeout)  # seconds; no call lasts longer
        self._place = _script(redis, "limits.lua")
        self._observe = _script(redis, "limits_observe.lua")
        self._blocked = _script(redis, "limits_blocked.lua")

    @classmethod
    def connect(cls, settings: Settings) -> Self:
        """Count in the Redis of the settings. It is not asked yet: it may be away."""
        if settings.redis_url is None:
            return cls(None, settings)
        redis = redis_client(settings.redis_url, timeout=REDIS_TIMEOUT)
        return cls(redis, settings, page_client=page_client(settings))

    @contextmanager
    def place(self, tenant_id: UUID, *, reserve: bool = False) -> Iterator[None]:
        """Hold a place for one call, given back at the end.

        The place of a call whose outcome is unknown is kept until it expires: Xero may still be working on it.

        Args:
            tenant_id: The organisation that is called.
            reserve: Leave the part that is kept for people; for imports, polls and walks.

        Raises:
            Limited: There is none now, or Redis cannot be asked; nothing was counted.
        """
        call = secrets.token_hex(8)
        self._take(tenant_id, call, reserve=reserve)
        try:
            yield
        except (OutcomeUnknown, TooSlow):
            raise
        except BaseException:
            self._give_back(tenant_id, call)
            raise
        self._give_back(tenant_id, call)

    def observe_headers(self, tenant_id: UUID, headers: Mapping[str, str]) -> None:
        """Take over what Xero says is left (``X-DayLimit-Remaining`` and its like); what it does not say stays.

        A minute that is refused with ``Retry-After`` is not filled up: Xero's minutes are fixed, and a new one begins
        when that time, for which `blocked` holds every call back, is over. Filled up, it would hold for 60 s more.
        """
        refused = headers.get("X-Rate-Limit-Problem", "").lower() if "Retry-After" in headers else ""
        used = [
            "" if refused == "minute" else _used(headers, "X-MinLimit-Remaining", self._xero.minute_limit),
            _used(headers, "X-DayLimit-Remaining", self._xero.day_limit),
            "" if "app" in refused else _used(headers, "X-AppMinLimit-Remaining", APP_MINUTE),
        ]
        if self._observe is None or not any(used):
            return
        keys = [_key(tenant_id, "minute"), _key(tenant_id, "day"), _key(None, "minute")]
        try:
            self._observe(keys=keys, args=[*used, secrets.token_hex(4)])
        except RedisError as error:
            log.warning("limits.not_observe", error=type(error).__name__)

    def blocked(self, tenant_id: UUID, why: str, wait: timedelta) -> timedelta:
        """Leave the organisation (or the whole app, for ``appminute``) alone for as long as Xero asked.

        Returns:
            How long that is: at least a second, at most a day.
        """
        wait = min(max(wait, SHORTEST), LONGEST)
        key = _key(None if why == "appminute" else tenant_id, "blocked")
        if self._blocked is not None:
            try:
                self._blocked(keys=[key], args=[why, int(wait / timedelta(milliseconds=1))])
            except RedisError as error:
                log.warning("limits.not_blocked", error=type(error).__name__)
        return wait

    def used_today(self, tenant_id: UUID) -> int | None:
        """Count the organisation's calls of its day so far; None when Redis cannot be asked."""
        if self._page_client is None:
            return None
        try:
            return int(self._page_client.get(_key(tenant_id, "day")) or 0)
        except RedisError:
            return None

    def _take(self, tenant_id: UUID, call: str, *, reserve: bool) -> None:
        keys = [_key(tenant_id, name) for name in ("minute", "in_flight", "day", "blocked")]
        keys += [_key(None, name) for name in ("minute", "blocked", "known")] + [_key(tenant_id, "backlog")]
        args = [*self._budget(reserve=reserve), int(self.lease * 1000), call, KEPT if reserve else 0]
        if self._place is None:
            raise Limited("redis", NO_COUNT)
        try:
            granted, wait, why = self._place(keys=keys, args=args)
        except RedisError as error:
            log.warning("limits.not_counted", error=type(error).__name__)
            raise Limited("redis", NO_COUNT) from error
        if not granted:
            raise Limited(why.decode() if isinstance(why, bytes) else why, timedelta(milliseconds=int(wait)))

    def _budget(self, *, reserve: bool) -> tuple[int, int, int, int]:
        minute, in_flight = max(self._xero.minute_limit - MARGIN, 1), max(self._xero.concurrent_limit - 1, 1)
        day = self._xero.day_limit
        if reserve:
            in_flight, day = max(in_flight - 1, 1), max(day - day // 10, 1)
        return minute, in_flight, day, APP_MINUTE - APP_MARGIN

    def _give_back(self, tenant_id: UUID, call: str) -> None:
        if self._redis is None:
            return
        try:
            self._redis.zrem(_key(tenant_id, "in_flight"), call)
        except RedisError as error:  # it frees itself when it expires
            log.warning("limits.not_given_back", error=type(error).__name__)


def _key(tenant_id: UUID | None, name: str) -> str:
    return f"posxero:limits:{tenant_id or 'app'}:{name}"


def _used(headers: Mapping[str, str], name: str, limit: int) -> str:
    left = headers.get(name, "")
    return str(limit - int(left)) if left.isascii() and left.isdigit() else ""


def _script(redis: Redis | None, name: str) -> Any:
    if redis is None:
        return None
    return redis.register_script(resources.files("posxero.xero").joinpath(name).read_text())
