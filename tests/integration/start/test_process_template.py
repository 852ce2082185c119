"""What a test starts by the template is a process as if an interpreter had been started for it."""

from __future__ import annotations

import json
import os
import random
import signal
from typing import TYPE_CHECKING, Any

from tests.support.processes import Process

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SELF = "tests.support.self_description"


def start(log: Path, *words: str, **environment: str) -> Process:
    return Process(words, environment, log, module=SELF)


def described(process: Process) -> dict[str, Any]:
    assert process.wait() == 7, process.log()
    told: dict[str, Any] = json.loads(process.log())
    return told


def test_a_process_has_nothing_of_the_tests_or_the_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POSXERO_SECRET_KEY", "of the tests")
    process = start(tmp_path / "log", "one", "two", POSXERO_ENV="development")
    told = described(process)
    del told["drawn"]
    assert told == {
        "pid": process.pid,
        "session": process.pid,
        "folder": str(tmp_path),
        "environment": {"PATH": os.defpath, "POSXERO_ENV": "development"},
        "arguments": ["one", "two"],
        "name": "__main__",
        "files": 3,
        "threads": 1,
    }


def test_no_two_processes_draw_the_same(tmp_path: Path) -> None:
    random.seed(1)
    drawn = [described(start(tmp_path / name))["drawn"] for name in ("1", "2", "3")]
    assert len({value for values in drawn for value in values}) == 6


def test_a_signal_ends_it_as_a_process_of_its_own(tmp_path: Path) -> None:
    waiting = start(tmp_path / "log", "wait")
    waiting.send(signal.SIGTERM)
    assert waiting.wait() == -signal.SIGTERM
    assert waiting.ended()
    waiting.send(signal.SIGKILL)  # nobody: the id may belong to another by now


def test_an_error_is_told_in_the_log(tmp_path: Path) -> None:
    process = start(tmp_path / "log", "fail")
    assert process.wait() == 1
    assert process.log().startswith("Traceback (most recent call last):")
    assert process.log().endswith("ZeroDivisionError: division by zero\n")
