"""Write the bill of materials: what the shop's program and its pages are made of, as CycloneDX 1.6.

Run as ``python scripts/bom.py``. It reads the lock files only, so it needs no network, names no registry,
and writes the same bytes for the same lock files: to build/bom/python.cdx.json and build/bom/npm.cdx.json.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path("build/bom")
# A requirement of requirements.lock, with its marker and the hashes of its files on the lines that follow.
LOCKED = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)(?: *; *(?P<marker>[^\\\n]*))?(?P<hashes>(?: *\\\n +--hash=\S+)*)",
    re.MULTILINE,
)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
INSTALLED = "node_modules/"  # before the name in package-lock.json
ALGORITHMS = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}

Component = dict[str, Any]


def python_components(lock: str) -> list[Component]:
    """Return the packages of a requirements.lock; one with a marker is optional, for other machines than some."""
    return [
        {
            "type": "library",
            "bom-ref": _purl("pypi", found["name"], found["version"]),
            "name": found["name"],
            "version": found["version"],
            "purl": _purl("pypi", found["name"], found["version"]),
            "scope": "optional" if found["marker"] else "required",
            "hashes": [{"alg": "SHA-256", "content": content} for content in HASH.findall(found["hashes"])],
        }
        for found in LOCKED.finditer(lock)
    ]


def npm_components(lock: str) -> list[Component]:
    """Return the packages of a package-lock.json."""
    components = []
    for path, package in json.loads(lock)["packages"].items():
        if not path:  # the project itself
            continue
        name, version = path.rpartition(INSTALLED)[2], package["version"]
        algorithm, _, content = package["integrity"].partition("-")
        component = {
            "type": "library",
            "bom-ref": _purl("npm", name, version),
            "name": name,
            "version": version,
            "purl": _purl("npm", name, version),
            "scope": "required",
            "hashes": [{"alg": ALGORITHMS[algorithm], "content": base64.b64decode(content).hex()}],
        }
        if "license" in package:
            component["licenses"] = [{"expression": package["license"]}]
        components.append(component)
    return components


def bom(name: str, version: str, components: list[Component]) -> dict[str, Any]:
    """Return a CycloneDX document about a program and its components."""
    content = {
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": name, "name": name, "version": version}},
        "components": components,
    }
    serial = uuid5(NAMESPACE_URL, json.dumps(content, sort_keys=True))
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": f"urn:uuid:{serial}", **content}


def write(root: Path) -> list[Path]:
    """Write both documents; return their paths."""
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    documents = {
        "python": ("posxero", python_components((root / "requirements.lock").read_text(encoding="utf-8"))),
        "npm": ("posxero-assets", npm_components((root / "package-lock.json").read_text(encoding="utf-8"))),
    }
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    paths = []
    for kind, (name, components) in documents.items():
        path = root / FOLDER / f"{kind}.cdx.json"
        path.write_text(json.dumps(bom(name, version, components), indent=2) + "\n", encoding="utf-8")
        paths.append(path)
    return paths


def _purl(kind: str, name: str, version: str) -> str:
    """Return a package URL (purl): names of PyPI are lower case with dashes, a scope of npm is escaped."""
    written = re.sub(r"[-_.]+", "-", name).lower() if kind == "pypi" else quote(name)
    return f"pkg:{kind}/{written}@{quote(version)}"


def main() -> int:
    """Write the documents and say where; return the exit code."""
    for path in write(ROOT):
        sys.stdout.write(f"bom: {path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
