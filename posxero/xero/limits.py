"""Stay within Xero's limits, over all processes: 60 calls a minute, 5 at once and a daily allowance an organisation.

Redis counts; `limits.lua` decides in one step. We stay below Xero's limits, since its windows are not ours: 55 a
minute, 4 at once. Of those, 10 a minute, one at once and a tenth of the day are reserved for people: a background call
(of an import, a poll or a backlog) does not get them, so that a person's save goes first. When Redis cannot be asked,
nothing is sent.
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

APP_MINUTE_LIMIT = 10_000  # calls by the app in a minute over all organisations; Xero's "OAuth 2.0 API limits"
UNUSED_A_MINUTE, UNUSED_BY_APP_A_MINUTE = 5, 500  # calls below Xero's limits
RESERVED_A_MINUTE = 10  # calls reserved for people
MIN_BLOCK, MAX_BLOCK = timedelta(seconds=1), timedelta(hours=24)  # whatever Xero's Retry-After says
REDIS_TIMEOUT = 2.0  # seconds; only workers and the return from the consent page ask for slots
RETRY_WITHOUT_REDIS = timedelta(seconds=5)

log = structlog.get_logger(__name__)


class Limits:
    """The count of our calls to Xero, shared by every process that uses the same Redis."""

    def __init__(self, redis: Redis | None, settings: Settings, *, page_redis: Redis | None = None) -> None:
        """Use a client with short time-outs; None, when there is no Redis, refuses every call.

        Pages read counts through `page_redis`, a client with shorter time-outs.
        """
        xero, timings = settings.xero, settings.timings
        self._redis = redis
        self._page_redis = page_redis or redis
        self._xero = xero
        self.call_seconds = 2 * (timings.connect_timeout + timings.read_timeout)  # no call lasts longer
        self._acquire_script = _script(redis, "limits.lua")
        self._observe_script = _script(redis, "limits_observe.lua")
        self._block_script = _script(redis, "limits_block.lua")

    @classmethod
    def connect(cls, settings: Settings) -> Self:
        """Count in the Redis of the settings. It is not asked yet: it may be away."""
        if settings.redis_url is None:
            return cls(None, settings)
        redis = redis_client(settings.redis_url, timeout=REDIS_TIMEOUT)
        return cls(redis, settings, page_redis=page_client(settings))

    @contextmanager
    def slot(self, tenant_id: UUID, *, is_background: bool = False) -> Iterator[None]:
        """Hold a slot for one call, and release it at the end.

        The slot of a call whose outcome is unknown is kept until it expires: Xero may still be working on it.

        Args:
            tenant_id: The organisation that is called.
            is_background: Nobody waits for the call: it gets no slot that is reserved for people.

        Raises:
            Limited: There is no slot now, or Redis cannot be asked; nothing was counted.
        """
        call_id = secrets.token_hex(8)
        self._acquire(tenant_id, call_id, is_background=is_background)
        try:
            yield
        except (OutcomeUnknown, TooSlow):
            raise
        except BaseException:
            self._release(tenant_id, call_id)
            raise
        self._release(tenant_id, call_id)

    def observe_headers(self, tenant_id: UUID, headers: Mapping[str, str]) -> None:
        """Adopt what Xero says is left (``X-DayLimit-Remaining`` and its like); what it does not say stays.

        A minute that is refused with ``Retry-After`` is not filled up: Xero's minutes are fixed, and a new one begins
        when that time, for which `block` holds every call back, is over. Filled up, it would hold for 60 s more.
        """
        refused = headers.get("X-Rate-Limit-Problem", "").lower() if "Retry-After" in headers else ""
        used = [
            "" if refused == "minute" else _used(headers, "X-MinLimit-Remaining", self._xero.minute_limit),
            _used(headers, "X-DayLimit-Remaining", self._xero.day_limit),
            "" if "app" in refused else _used(headers, "X-AppMinLimit-Remaining", APP_MINUTE_LIMIT),
        ]
        if self._observe_script is None or not any(used):
            return
        keys = [_key(tenant_id, "minute"), _key(tenant_id, "day"), _key(None, "minute")]
        try:
            self._observe_script(keys=keys, args=[*used, secrets.token_hex(4), self._xero.day_limit])
        except RedisError as error:
            log.warning("limits.not_observed", error=type(error).__name__)

    def block(self, tenant_id: UUID, limit: str, wait: timedelta) -> timedelta:
        """Hold back all calls to an organisation (of the whole app, for ``appminute``) for as long as Xero asked.

        Returns:
            How long that is: at least a second, at most a day.
        """
        wait = min(max(wait, MIN_BLOCK), MAX_BLOCK)
        key = _key(None if limit == "appminute" else tenant_id, "blocked")
        if self._block_script is not None:
            try:
                keys, milliseconds = [key, _key(tenant_id, "day")], int(wait / timedelta(milliseconds=1))
                self._block_script(keys=keys, args=[limit, milliseconds])
            except RedisError as error:
                log.warning("limits.not_blocked", error=type(error).__name__)
        return wait

    def used_today(self, tenant_id: UUID) -> int | None:
        """Return the organisation's calls of its day so far; None when Redis cannot be asked."""
        if self._page_redis is None:
            return None
        try:
            return int(self._page_redis.get(_key(tenant_id, "day")) or 0)
        except RedisError:
            return None

    def _acquire(self, tenant_id: UUID, call_id: str, *, is_background: bool) -> None:
        keys = [_key(tenant_id, name) for name in ("minute", "in_flight", "day", "blocked")]
        keys += [_key(None, name) for name in ("minute", "blocked", "known")] + [_key(tenant_id, "backlog")]
        budget, reserved = self._budget(is_background=is_background), RESERVED_A_MINUTE if is_background else 0
        if self._acquire_script is None:
            raise Limited("redis", RETRY_WITHOUT_REDIS)
        try:
            args = [*budget, int(self.call_seconds * 1000), call_id, reserved]
            is_granted, wait, limit = self._acquire_script(keys=keys, args=args)
        except RedisError as error:
            log.warning("limits.not_counted", error=type(error).__name__)
            raise Limited("redis", RETRY_WITHOUT_REDIS) from error
        if not is_granted:
            raise Limited(limit.decode() if isinstance(limit, bytes) else limit, timedelta(milliseconds=int(wait)))

    def _budget(self, *, is_background: bool) -> tuple[int, int, int, int]:
        """Return the calls that may be made: a minute, at once, a day, and a minute by the app."""
        minute = max(self._xero.minute_limit - UNUSED_A_MINUTE, 1)
        at_once, day = max(self._xero.concurrent_limit - 1, 1), self._xero.day_limit
        if is_background:
            at_once, day = max(at_once - 1, 1), max(day - day // 10, 1)
        return minute, at_once, day, APP_MINUTE_LIMIT - UNUSED_BY_APP_A_MINUTE

    def _release(self, tenant_id: UUID, call_id: str) -> None:
        if self._redis is None:
            return
        try:
            self._redis.zrem(_key(tenant_id, "in_flight"), call_id)
        except RedisError as error:  # the slot expires
            log.warning("limits.not_released", error=type(error).__name__)


def _key(tenant_id: UUID | None, name: str) -> str:
    return f"posxero:limits:{tenant_id or 'app'}:{name}"


def _used(headers: Mapping[str, str], name: str, limit: int) -> str:
    left = headers.get(name, "")
    return str(limit - int(left)) if left.isascii() and left.isdigit() else ""


def _script(redis: Redis | None, name: str) -> Any:
    if redis is None:
        return None
    return redis.register_script(resources.files("posxero.xero").joinpath(name).read_text())
