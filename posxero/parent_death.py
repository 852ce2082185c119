"""Let the kernel kill a child process when its parent dies."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with_parent() -> Callable[[], None] | None:
    """Return the function that a child process of this one calls first: the kernel then kills it with its parent.

    Call this in the parent, before the fork. None where the kernel cannot do that (macOS): there, a supervisor that
    was killed leaves its children behind.
    """
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def request_death_signal() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # the parent died before prctl
            os._exit(1)

    return request_death_signal
