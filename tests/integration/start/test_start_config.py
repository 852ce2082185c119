"""The processes of a shop are told where each other is."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from posxero import preflight
from posxero.preflight import NotReady
from posxero.settings import Settings
from posxero.supervisor.start import StartConfig, configure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def configured(folder: Path, host: str = "127.0.0.1", port: int | None = None, **variables: str) -> StartConfig:
    environ = {"POSXERO_DATA_DIR": str(folder), **variables}
    return configure(environ, Settings.from_env(environ), host, port)


def loopback_addresses() -> set[str]:
    """The loopback addresses of this machine: not every one has IPv6."""
    return {
        address
        for address, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6))
        if socket.has_ipv6 or family is socket.AF_INET
        if preflight.is_free(address, 0)
    }


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program has."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_bare_environment_gets_valkey_and_practice_xero(tmp_path: Path) -> None:
    config = configured(tmp_path)
    assert config.practice_port is not None
    base = f"http://127.0.0.1:{config.practice_port}"
    xero = config.settings.xero
    assert (xero.client_id, xero.client_secret) == ("practice", "practice-secret")
    assert {xero.login_url, xero.identity_url, xero.api_url, xero.web_url} == {base}
    assert config.settings.redis_url is not None
    assert config.settings.redis_url.startswith("unix://")
    assert config.settings.public_url == f"http://localhost:{config.port}"
    assert config.practice_port != config.port


def test_practice_xero_signs_its_webhooks_with_a_key_of_this_machine(tmp_path: Path) -> None:
    keys = [configured(tmp_path / name).settings.xero.webhook_key for name in ("one", "one", "two")]
    assert keys[0] == keys[1] != keys[2]
    assert len(keys[0]) > 40
    assert configured(tmp_path, POSXERO_XERO_WEBHOOK_KEY="own").settings.xero.webhook_key == "own"


def test_a_taken_port_is_left_for_the_next(tmp_path: Path, taken: int) -> None:
    assert configured(tmp_path, port=taken).port > taken


@pytest.mark.parametrize("stranger", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_localhost_leads_to_the_shop_and_not_to_a_stranger(tmp_path: Path, host: str, stranger: str) -> None:
    """A browser tries localhost's ::1 before 127.0.0.1, whichever of them the shop listens on."""
    address = stranger if stranger in loopback_addresses() else "127.0.0.1"
    with socket.create_server((address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET) as other:
        port = other.getsockname()[1]
        config = configured(tmp_path, host, port)
    assert config.port > port
    assert config.settings.public_url == f"http://localhost:{config.port}"


def test_the_port_of_the_public_address_is_used(tmp_path: Path, taken: int) -> None:
    config = configured(tmp_path, POSXERO_PUBLIC_URL="http://localhost:9731")
    assert (config.port, config.settings.public_url) == (9731, "http://localhost:9731")
    with pytest.raises(NotReady, match=f"Port {taken} "):
        configured(tmp_path, POSXERO_PUBLIC_URL=f"http://127.0.0.1:{taken}")


def test_behind_a_proxy_the_public_address_says_nothing_of_the_port(tmp_path: Path) -> None:
    config = configured(tmp_path, port=9732, POSXERO_PUBLIC_URL="https://pos.example.com:444")
    assert (config.port, config.settings.public_url) == (9732, "https://pos.example.com:444")


def test_a_configured_xero_and_redis_are_kept(tmp_path: Path) -> None:
    config = configured(
        tmp_path,
        POSXERO_XERO_CLIENT_ID="id",
        POSXERO_XERO_CLIENT_SECRET="secret",
        POSXERO_XERO_API_URL="http://127.0.0.1:9",
        POSXERO_REDIS_URL="redis://elsewhere",
    )
    assert config.practice_port is None
    assert (config.settings.xero.client_id, config.settings.xero.api_url) == ("id", "http://127.0.0.1:9")
    assert config.settings.redis_url == "redis://elsewhere"


def test_the_children_share_the_keys_of_the_data_folder(tmp_path: Path) -> None:
    config = configured(tmp_path)
    assert Settings.from_env(config.env) == config.settings


def test_a_host_of_another_machine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotReady):
        configured(tmp_path, host="192.0.2.1")


def test_who_listens_everywhere_is_found_by_the_name_of_the_machine(tmp_path: Path) -> None:
    config = configured(tmp_path, host="0.0.0.0")  # noqa: S104
    assert config.settings.public_url == f"http://{socket.gethostname()}:{config.port}"
