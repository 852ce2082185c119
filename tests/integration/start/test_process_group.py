"""Children are started again when they end, and ended in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from posxero.supervisor.child import Child
from posxero.supervisor.process_group import ChildFailed, ProcessGroup, ShutdownRequested

if TYPE_CHECKING:
    from collections.abc import Callable

SERVE = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def child(name: str, program: str, *, stop_order: int = 1, **options: object) -> Child:
    return Child(name, [sys.executable, "-c", program], dict(os.environ), stop_order=stop_order, **options)  # type: ignore[arg-type]


class Listener:
    """Remembers what was said, and presses Ctrl-C when it hears a word often enough."""

    def __init__(self, word: str, times: int = 1) -> None:
        self.heard: list[tuple[str, str]] = []
        self._word, self._times = word, times

    def __call__(self, name: str, line: str) -> None:
        self.heard.append((name, line))
        if self._word in line:
            self._times -= 1
            if self._times == 0:
                os.kill(os.getpid(), signal.SIGINT)


def run(listener: Listener, *children: Child) -> None:
    processes = ProcessGroup(listener)
    with processes.stop_signals():
        try:
            processes.start(*children)
            processes.supervise()
        finally:
            processes.stop()


def test_what_a_child_says_is_shown_under_its_name() -> None:
    listener = Listener("up")
    run(listener, child("one", SERVE))
    assert listener.heard == [("one", "up")]


def test_a_child_that_ends_is_started_again() -> None:
    listener = Listener("up", times=3)
    run(listener, child("one", "print('up', flush=True); raise SystemExit(3)", restart_delay=0.01))
    assert [line for _, line in listener.heard].count("up") == 3
    assert "ended with exit code 3" in listener.heard[1][1]


def test_a_killed_child_is_started_again() -> None:
    one = child("one", "import os, signal; print('up', flush=True); os.kill(os.getpid(), 9)", restart_delay=0.01)
    listener = Listener("up", times=2)
    run(listener, one)
    assert any("was ended by SIGKILL" in line for _, line in listener.heard)


def test_the_pauses_double() -> None:
    one = child("one", "raise SystemExit(1)", restart_delay=0.01)
    listener = Listener("starts again", times=4)
    run(listener, one)
    assert one.restart_delay == pytest.approx(0.16)


def test_five_ends_in_a_minute_end_everything_with_its_last_lines() -> None:
    other = child("other", SERVE)
    with pytest.raises(ChildFailed, match=r"(?s)one ended 5 times within a minute.*the reason"):
        run(Listener("never"), other, child("one", "print('the reason'); raise SystemExit(1)", restart_delay=0.01))
    assert not other.is_running


def test_a_quiet_child_is_heard_only_when_it_keeps_ending() -> None:
    listener = Listener("never")
    with pytest.raises(ChildFailed, match="the reason"):
        run(listener, child("one", "print('the reason'); raise SystemExit(1)", restart_delay=0.01, quiet=True))
    assert not any("the reason" in line for _, line in listener.heard)


def test_the_lowest_stop_order_ends_first(tmp_path: Path) -> None:
    log = tmp_path / "ends"
    program = """
import signal, sys, time
def end(*_):
    time.sleep(0.1)
    open({log!r}, "a").write({name!r} + " ")
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
time.sleep(60)
"""
    orders = {"valkey": 3, "worker": 1, "web": 0, "practice": 2}
    children = [child(name, program.format(log=str(log), name=name), stop_order=n) for name, n in orders.items()]
    run(Listener("up", times=4), *children)
    assert log.read_text().split() == ["web", "worker", "practice", "valkey"]


def test_a_child_that_does_not_end_in_time_is_killed() -> None:
    stubborn = child("one", STUBBORN, stop_timeout=0.2)
    run(Listener("up"), stubborn)
    assert stubborn.process is None


def test_ctrl_c_once_more_ends_at_once() -> None:
    program = "import signal, time; signal.signal(signal.SIGTERM, lambda *_: print('up', flush=True)); print('up')"
    stubborn = child(
        "one", f"{program}; import sys; sys.stdout.flush(); [time.sleep(1) for _ in range(60)]", stop_timeout=60
    )

    class Twice(Listener):
        def __call__(self, name: str, line: str) -> None:
            super().__call__(name, line)
            self._times = 1  # every "up" is a Ctrl-C: the first at its start, the second at SIGTERM

    run(Twice("up"), stubborn)
    assert stubborn.process is None


def test_a_child_that_is_never_ready_fails_the_start() -> None:
    with pytest.raises(ChildFailed, match="one was not ready"):
        run(Listener("never"), child("one", SERVE, is_ready=lambda: False, ready_timeout=0.3))


def test_ctrl_c_while_waiting_ends_the_start() -> None:
    with pytest.raises(ShutdownRequested):
        run(Listener("up"), child("one", SERVE, is_ready=lambda: False))


def test_signals_are_given_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    run(Listener("up"), child("one", SERVE))
    assert signal.getsignal(signal.SIGINT) is before


def wait_for(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def gone(pid: int) -> bool:
    """Return whether a process has ended; where nobody fetches its exit code, its name stays for a while."""
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_children_die_with_a_killed_parent() -> None:
    program = f"""
import sys, time
from posxero.supervisor.spawn import spawn
print(spawn([sys.executable, "-c", {SERVE!r}], output=None).pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert not gone(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert wait_for(lambda: gone(pid))
