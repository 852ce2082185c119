"""Clients of Redis or Valkey: one for workers, one that gives up quickly, for pages."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from posxero.settings import Settings


def redis_client(url: str, *, timeout: float | None = None) -> Redis:
    """Return a client of the server at `url`. The server is not asked yet: it may be down.

    Args:
        url: As `Settings.redis_url`.
        timeout: Seconds until an attempt to connect or a command fails, without a retry. None: commands may block,
            as those of RQ's workers do, and are retried as redis-py sees fit.
    """
    if timeout is None:
        return Redis.from_url(url)
    no_retry = Retry(NoBackoff(), 0)
    return Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=no_retry)


def page_client(settings: Settings) -> Redis | None:
    """Return a client for requests of browsers, which wait briefly (`page_redis_timeout`); None without a Redis."""
    if settings.redis_url is None:
        return None
    return redis_client(settings.redis_url, timeout=settings.timings.page_redis_timeout)
