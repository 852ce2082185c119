"""Processes that live in a session of their own and die with their parent."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import IO

PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with_parent() -> Callable[[], None] | None:
    """Make what a child runs before its program: the kernel then kills it when this thread's process ends.

    None where the kernel cannot do that (macOS): there, a supervisor that was killed leaves its children behind.
    """
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def before_program() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before prctl
            os._exit(1)

    return before_program


def spawn(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, output: int | IO[bytes] = subprocess.PIPE
) -> subprocess.Popen[bytes]:
    """Start a program whose output and errors go to `output`. Call it from the main thread.

    Ctrl-C in the terminal does not reach it: it is in a session of its own.
    """
    return subprocess.Popen(
        list(command),
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=die_with_parent(),  # noqa: PLW1509 - the supervisor has one thread
    )
