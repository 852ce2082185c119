"""Start processes that live in a session of their own and die with their parent."""

import subprocess
from collections.abc import Mapping, Sequence
from typing import IO

from posxero.parent_death import die_with_parent


def spawn(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, output: int | IO[bytes] = subprocess.PIPE
) -> subprocess.Popen[bytes]:
    """Start a program whose output and errors go to `output`. Call this from the main thread.

    Ctrl-C in the terminal does not reach the program: it is in a session of its own.
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
