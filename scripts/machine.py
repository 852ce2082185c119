"""Install what the tests need besides Python: a browser and a PostgreSQL server.

Run as ``python scripts/machine.py``. On Debian, as root, it installs missing packages; elsewhere it says what to do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HEADLESS_SHELL = "chromium-headless-shell"  # Chromium without windows: a third of the processor time of the whole one
BROWSERS = (HEADLESS_SHELL, "chromium", "chromium-browser", "google-chrome")


class Missing(Exception):
    """Something is missing; the message says what to do."""


def has_browser() -> bool:
    """Return whether the tests will find a Chromium."""
    return bool(os.environ.get("CHROMIUM")) or any(map(shutil.which, BROWSERS))


def has_postgresql() -> bool:
    """Return whether the tests will find initdb and postgres."""
    if named := os.environ.get("POSXERO_TEST_PG_BIN"):
        return (Path(named) / "initdb").exists()
    return any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or shutil.which("initdb") is not None


def missing() -> list[str]:
    """Return the Debian packages that are missing."""
    installed = {HEADLESS_SHELL: has_browser(), "postgresql": has_postgresql()}
    return [package for package, is_installed in installed.items() if not is_installed]


def may_install() -> bool:
    """Return whether packages of Debian can be installed here."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: list[str]) -> None:
    """Install Debian's packages, where that is possible.

    Raises:
        Missing: It is not possible, or it failed.
    """
    names = " and ".join(packages)
    if not may_install():
        raise Missing(
            f"The tests need {names}. On Debian, as root: apt-get install {' '.join(packages)}. Elsewhere set CHROMIUM "
            "to a Chromium's program, and POSXERO_TEST_PG_BIN to the folder with initdb and postgres (15 or newer)."
        )
    print(f"Installing {names}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    options = ["-y", "-qq", "-o", "Dpkg::Use-Pty=0", "--no-install-recommends"]
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", *options, *packages]):
        done = subprocess.run(command, env=quiet, check=False, capture_output=True, text=True)
        if done.returncode:
            raise Missing(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")


def main() -> None:
    """Install what is missing, or end with a sentence."""
    try:
        if wanted := missing():
            install(wanted)
    except Missing as error:
        sys.exit(str(error))
    if may_install() and not (os.environ.get("CHROMIUM") or shutil.which(HEADLESS_SHELL)):
        try:
            install([HEADLESS_SHELL])
        except Missing:
            print("The browser's tests run in the whole Chromium, which takes them longer.", flush=True)


if __name__ == "__main__":
    main()
