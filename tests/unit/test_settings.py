"""Settings refuse what is wrong, in a sentence that names the variable."""

import re
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from posxero.settings import InvalidSetting, Settings

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
PRODUCTION = {
    "POSXERO_ENV": "production",
    "POSXERO_SECRET_KEY": "s" * 40,
    "POSXERO_TOKEN_KEYS": KEY,
    "POSXERO_PUBLIC_URL": "https://pos.example.com",
}


def test_a_bare_environment_starts_a_development_shop(tmp_path: Path) -> None:
    settings = Settings.from_env({"POSXERO_DATA_DIR": str(tmp_path / "new")})
    assert settings.env == "development"
    assert settings.database_url == f"sqlite:///{tmp_path}/new/posxero.db"
    assert settings.redis_url is None
    assert settings.public_url == "http://localhost:8000"
    assert settings.xero.api_url == "https://api.xero.com"
    assert (settings.xero.minute_limit, settings.xero.day_limit, settings.xero.concurrent_limit) == (60, 5000, 5)
    assert settings.timings.sweep == timedelta(seconds=10)
    assert settings.timings.keep_alive == timedelta(days=20)


def test_the_keys_of_development_are_private_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    first = Settings.from_env({"POSXERO_DATA_DIR": str(folder)})
    second = Settings.from_env({"POSXERO_DATA_DIR": str(folder)})
    assert (first.secret_key, first.token_keys) == (second.secret_key, second.token_keys)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "keys.json").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["keys.json"]


def test_processes_that_start_together_use_the_same_keys(tmp_path: Path) -> None:
    seen: list[str] = []
    barrier = threading.Barrier(8)

    def start() -> None:
        barrier.wait()
        seen.append(Settings.from_env({"POSXERO_DATA_DIR": str(tmp_path)}).secret_key)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1


def test_damaged_keys_are_refused_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text('{"secret_key": "x"')
    with pytest.raises(InvalidSetting, match=r"POSXERO_DATA_DIR .*keys\.json is damaged"):
        Settings.from_env({"POSXERO_DATA_DIR": str(tmp_path)})
    assert (tmp_path / "keys.json").read_text() == '{"secret_key": "x"'


def test_a_complete_production_environment_is_accepted() -> None:
    settings = Settings.from_env(PRODUCTION)
    assert settings.production
    assert settings.token_keys == (KEY,)


@pytest.mark.parametrize("name", ["POSXERO_SECRET_KEY", "POSXERO_TOKEN_KEYS", "POSXERO_PUBLIC_URL"])
def test_production_refuses_to_start_without(name: str) -> None:
    with pytest.raises(InvalidSetting, match=name):
        Settings.from_env({key: value for key, value in PRODUCTION.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POSXERO_ENV", "staging"),
        ("POSXERO_SECRET_KEY", "short"),
        ("POSXERO_TOKEN_KEYS", "not a key"),
        ("POSXERO_TOKEN_KEYS", f"{KEY},x"),
        ("POSXERO_PUBLIC_URL", "http://pos.example.com"),
        ("POSXERO_PUBLIC_URL", "https://pos.example.com/shop"),
        ("POSXERO_PUBLIC_URL", "pos.example.com"),
        ("POSXERO_PUBLIC_URL", "https://[pos"),
        ("POSXERO_DATABASE_URL", "mysql://root@host/shop"),
        ("POSXERO_DATABASE_URL", "nonsense"),
        ("POSXERO_DATABASE_URL", "sqlite://"),
        ("POSXERO_DATABASE_URL", "sqlite:///:memory:"),
        ("POSXERO_REDIS_URL", "localhost:6379"),
        ("POSXERO_REDIS_URL", "memcached://localhost"),
        ("POSXERO_XERO_API_URL", "ftp://api.xero.com"),
        ("POSXERO_XERO_API_URL", "http://api.xero.com"),
        ("POSXERO_XERO_LOGIN_URL", "https://user@login.xero.com"),
        ("POSXERO_XERO_MINUTE_LIMIT", "0"),
        ("POSXERO_XERO_DAY_LIMIT", "-5"),
        ("POSXERO_XERO_CONCURRENT_LIMIT", "five"),
        ("POSXERO_XERO_MINUTE_LIMIT", "\u0663"),
        ("POSXERO_SWEEP_SECONDS", "0"),
        ("POSXERO_LEASE_SECONDS", "nan"),
        ("POSXERO_PROXIES", "-1"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidSetting, match=rf"^{name} .+\.$"):
        Settings.from_env({**PRODUCTION, name: value})


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("POSXERO_ENV", "staging", "development or production, not 'staging'"),
        ("POSXERO_XERO_DAY_LIMIT", "0", "a whole number, 1 or more, not '0'"),
        ("POSXERO_XERO_DAY_LIMIT", "1" * 60, f"a whole number, 1 or more, not '{'1' * 40}'"),
        ("POSXERO_CSV_MAX_MB", "81", "80 or less, not 81"),
        ("POSXERO_PROXIES", "1.5", "a whole number, 0 or more, not '1.5'"),
        ("POSXERO_LEASE_SECONDS", "inf", "a number of seconds above 0, not 'inf'"),
        ("POSXERO_VERIFY_AGAIN_SECONDS", "120,", "seconds above 0 separated by commas, not '120,'"),
        ("POSXERO_VERIFY_AGAIN_SECONDS", "120,-1", "seconds above 0 separated by commas, not '120,-1'"),
    ],
)
def test_a_wrong_value_is_explained(name: str, value: str, expected: str) -> None:
    with pytest.raises(InvalidSetting) as raised:
        Settings.from_env({**PRODUCTION, name: value})
    assert str(raised.value) == f"{name} must be {expected}."


def test_numbers_and_lists_are_read() -> None:
    values = {"POSXERO_PAGE_REDIS_SECONDS": "1.5", "POSXERO_VERIFY_AGAIN_SECONDS": "60, 90.5", "POSXERO_PROXIES": "0"}
    settings = Settings.from_env({**PRODUCTION, **values})
    assert (settings.timings.page_redis_timeout, settings.proxies) == (1.5, 0)
    assert settings.timings.verify_again == (timedelta(seconds=60), timedelta(seconds=90.5))


def test_a_client_without_its_secret_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="POSXERO_XERO_CLIENT_SECRET"):
        Settings.from_env({**PRODUCTION, "POSXERO_XERO_CLIENT_ID": "id"})


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_uses_psycopg(scheme: str) -> None:
    settings = Settings.from_env({**PRODUCTION, "POSXERO_DATABASE_URL": f"{scheme}://shop:p%40ss@db/shop"})
    assert settings.database_url == "postgresql+psycopg://shop:p%40ss@db/shop"


def test_an_address_of_valkey_is_one_of_redis() -> None:
    assert Settings.from_env({**PRODUCTION, "POSXERO_REDIS_URL": "valkey://h:1/0"}).redis_url == "redis://h:1/0"


def test_no_secret_shows_in_the_text_of_the_settings() -> None:
    secrets = {
        "POSXERO_SECRET_KEY": "planted-secret-planted-secret-planted",
        "POSXERO_XERO_CLIENT_ID": "public",
        "POSXERO_XERO_CLIENT_SECRET": "planted-client",
        "POSXERO_XERO_WEBHOOK_KEY": "planted-webhook",
        "POSXERO_DATABASE_URL": "postgresql://u:planted-password@h/d",
        "POSXERO_REDIS_URL": "redis://:planted-redis@h",
    }
    text = repr(Settings.from_env({**PRODUCTION, **secrets}))
    assert "planted" not in text
    assert KEY not in text


def test_a_wrong_secret_is_not_repeated_in_the_message() -> None:
    with pytest.raises(InvalidSetting) as raised:
        Settings.from_env({**PRODUCTION, "POSXERO_TOKEN_KEYS": "planted"})
    assert "planted" not in str(raised.value)


@pytest.mark.parametrize("folder", ["a shop", "100%", "what?"])
def test_any_folder_can_hold_the_data(tmp_path: Path, folder: str) -> None:
    settings = Settings.from_env({"POSXERO_DATA_DIR": str(tmp_path / folder)})
    assert make_url(settings.database_url).database == str(tmp_path / folder / "posxero.db")


class Asked(dict[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values)
        self.names: set[str] = set()

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        self.names.add(name)
        return super().get(name, default)


def test_every_setting_is_documented_and_no_other() -> None:
    asked = Asked(PRODUCTION)
    Settings.from_env(asked)
    page = (Path(__file__).parents[2] / "docs/settings.md").read_text()
    assert set(re.findall(r"^\| `(POSXERO_\w+)`", page, re.MULTILINE)) == asked.names
