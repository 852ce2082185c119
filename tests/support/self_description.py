"""A program that writes what it is as JSON, with the first random values it draws; or one that waits, or fails."""

import json
import os
import random
import signal
import sys
import threading
from pathlib import Path

from posxero.db.base import new_id

EXIT_CODE = 7


def describe() -> None:
    """Write what this process is."""
    described = {
        "pid": os.getpid(),
        "session": os.getsid(0),
        "folder": str(Path.cwd()),
        "environment": dict(os.environ),
        "arguments": sys.argv[1:],
        "name": __name__,
        "files": sum(1 for _ in Path("/dev/fd").iterdir()) - 1,  # without the folder itself
        "threads": threading.active_count(),
        "drawn": [str(random.random()), str(new_id())],
    }
    sys.stdout.write(json.dumps(described) + "\n")


if __name__ == "__main__":
    if "wait" in sys.argv:
        signal.pause()
    if "fail" in sys.argv:
        _ = 1 / 0
    describe()
    sys.exit(EXIT_CODE)
