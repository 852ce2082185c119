"""Pages wait a short time for Redis, workers as long as it takes."""

from __future__ import annotations

import pytest
from redis import ConnectionError as Unreachable

from posxero.redis_client import page_client, redis_client
from posxero.settings import Settings

NOWHERE = "redis://127.0.0.1:1/0"
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def settings(**variables: str) -> Settings:
    keys = {"POSXERO_SECRET_KEY": "s" * 40, "POSXERO_TOKEN_KEYS": KEY}
    return Settings.from_env(keys | variables)


def test_without_redis_pages_have_no_client() -> None:
    assert page_client(settings()) is None


def test_pages_wait_as_long_as_the_settings_say() -> None:
    client = page_client(settings(POSXERO_REDIS_URL=NOWHERE, POSXERO_PAGE_REDIS_SECONDS="0.5"))
    assert client is not None
    options = client.connection_pool.connection_kwargs
    assert (options["socket_timeout"], options["socket_connect_timeout"]) == (0.5, 0.5)


def test_a_command_with_a_time_out_is_tried_once() -> None:
    with redis_client(NOWHERE, timeout=1) as client:
        assert client.connection_pool.connection_kwargs["retry"].get_retries() == 0
        with pytest.raises(Unreachable):
            client.ping()


def test_commands_of_workers_may_block() -> None:
    with redis_client(NOWHERE) as client:
        assert client.connection_pool.connection_kwargs.get("socket_timeout") is None
