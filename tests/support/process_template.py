"""Start processes of posxero as forks of one that has imported it: the imports take a process a second of CPU or two.

The template is a child of the test process. It holds modules and nothing else: no thread, no connection, no setting.
A fork of it becomes what `python -m posxero …` is: a process with an id, a session, a folder, an environment and a log
of its own, which runs posxero's `__main__` and ends as the interpreter ends. Only variables that the interpreter itself
reads as it starts (PYTHON…) come too late. Forks die with the template, and the template dies with the tests.

Orders and answers are lines of JSON on the template's standard input and output, which a fork replaces by its own.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import subprocess
import sys
import threading
import time
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posxero.parent_death import die_with_parent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parents[2]
COMMANDS = ("posxero.cli", "posxero.server", "posxero.jobs.worker", "posxero.jobs.scheduler")
DRIVERS = ("psycopg", "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite.pysqlite")
STANDARD_FILES = 3  # input, output and errors


class Template:
    """The template of a test process, as that process sees it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.process_template"],
            cwd=ROOT,
            env={"PATH": os.defpath},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - tests start no threads that hold locks across it
        )
        atexit.register(self._process.communicate)  # the end of its input ends it

    def start(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> int:
        """Start what `python -m <command>` runs, in this folder; return its process id.

        What it writes is appended to the log.
        """
        log.touch()  # the fork opens it, perhaps later than a test reads it
        folder = str(Path.cwd())
        pid = self._ask(command=list(command), environment=dict(environment), folder=folder, log=str(log.absolute()))
        assert isinstance(pid, int)
        return pid

    def exit_code(self, pid: int) -> int | None:
        """Return how a process ended: its exit code, or the negative number of a signal; None while it runs.

        Until that was told, the id of a process that ended belongs to no other. Tell it once.
        """
        return self._ask(pid=pid)

    def _ask(self, **order: Any) -> int | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        answer: int | None = json.loads(self._process.stdout.readline())
        return answer


@cache
def template() -> Template:
    """Return the template of this test process, which begins when it is first needed."""
    return Template()


def _load() -> None:
    """Import what the commands import, and what they import late."""
    jobs = import_module("posxero.queue").JOBS.values()
    for name in (*COMMANDS, *DRIVERS, *(job.rpartition(".")[0] for job in jobs)):
        import_module(name)
    import_module("sqlalchemy.orm").configure_mappers()
    assert threading.active_count() == 1, "a module started a thread, which no fork would have"
    opened = sum(1 for _ in Path("/dev/fd").iterdir()) - 1  # the folder itself
    assert opened == STANDARD_FILES, "a module opened a file, which all forks would share"
    gc.collect()
    gc.freeze()  # or the first pass of each fork's collector would copy what all of them share


def _serve() -> dict[str, Any] | None:
    """Carry out orders; return None when there are no more, and in a fork the order that it has to become."""
    request_death_signal = die_with_parent()
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        if "pid" in order:
            ended, status = os.waitpid(order["pid"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if ended else None
        elif (answer := os.fork()) == 0:
            if request_death_signal:
                request_death_signal()
            return order
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    return None


def _become(command: list[str], environment: dict[str, str], folder: str, log: str) -> None:
    """Turn this fork into the process that was ordered, and run it."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    with Path(os.devnull).open("rb") as nothing, Path(log).open("ab") as sink:
        for opened, standard in ((nothing, 0), (sink, 1), (sink, 2)):
            os.dup2(opened.fileno(), standard)
    sys.argv = command
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _load()
    if (wanted := _serve()) is not None:
        _become(**wanted)
