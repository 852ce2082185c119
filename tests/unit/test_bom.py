"""The bill of materials: everything that is locked, in a form that tools read, and nothing of this machine."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cyclonedx.model.bom import Bom

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]
FILES = ("pyproject.toml", "requirements.lock", "package-lock.json")
ADDRESS = re.compile(r"\w+://[^\"]+")


def load() -> ModuleType:
    """Load the script, which is in no package."""
    spec = importlib.util.spec_from_file_location("bom", ROOT / "scripts/bom.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


script = load()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both documents, as `make audit` writes them from a copy of the lock files alone."""
    checkout = tmp_path_factory.mktemp("checkout")
    for name in FILES:
        shutil.copy(ROOT / name, checkout)
    return {path.name: path for path in script.write(checkout)}


def document(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_every_locked_package_of_python_is_in_it(written: dict[str, Path]) -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = re.findall(r"^(\S+)==(\S+)", lock, re.MULTILINE)
    components = document(written["python.cdx.json"])["components"]
    assert [(one["name"], one["version"]) for one in components] == locked
    assert sum(len(one["hashes"]) for one in components) == lock.count("--hash=sha256:")
    flask = next(one for one in components if one["name"] == "flask")
    assert flask["purl"] == f"pkg:pypi/flask@{flask['version']}"
    assert (flask["scope"], flask["version"]) == ("required", dict(locked)["flask"])


def test_every_locked_package_of_npm_is_in_it(written: dict[str, Path]) -> None:
    (htmx,) = document(written["npm.cdx.json"])["components"]
    assert (htmx["purl"], htmx["licenses"]) == ("pkg:npm/htmx.org@4.0.1", [{"expression": "BSD-0-Clause"}])
    assert [(one["alg"], len(one["content"])) for one in htmx["hashes"]] == [("SHA-512", 128)]


@pytest.mark.parametrize("name", ["python.cdx.json", "npm.cdx.json"])
def test_tools_can_read_it_and_it_tells_nothing_of_this_machine(written: dict[str, Path], name: str) -> None:
    text = written[name].read_text(encoding="utf-8")
    read = Bom.from_json(json.loads(text))  # type: ignore[attr-defined]  # its decorator adds the method
    assert len(read.components) == len(document(written[name])["components"])
    assert ADDRESS.findall(text) == []
    assert str(ROOT) not in text
    assert str(written[name].parent) not in text


def test_a_marker_makes_a_package_optional_and_a_scope_of_npm_is_escaped() -> None:
    lock = "pip_Name==1.0+local ; sys_platform == 'win32' \\\n    --hash=sha256:" + "a" * 64 + "\nother==2\n"
    first, second = script.python_components(lock)
    assert (first["purl"], first["scope"], len(first["hashes"])) == ("pkg:pypi/pip-name@1.0%2Blocal", "optional", 1)
    assert (second["scope"], second["hashes"]) == ("required", [])
    packages = {"": {}, "node_modules/a/node_modules/@b/c": {"version": "3", "integrity": "sha512-YQ=="}}
    (scoped,) = script.npm_components(json.dumps({"packages": packages}))
    assert scoped["purl"] == "pkg:npm/%40b/c@3"


def test_the_same_lock_files_make_the_same_bytes(written: dict[str, Path]) -> None:
    path = written["python.cdx.json"]
    before = path.read_bytes()
    script.write(path.parents[2])
    assert path.read_bytes() == before
