"""`posxero worker` without a name: one process for each queue, started again when it ends."""

from collections.abc import Mapping

from posxero.supervisor import plan
from posxero.supervisor.console import Voice
from posxero.supervisor.process_group import Family


def run(environ: Mapping[str, str], voice: Voice) -> None:
    """Run the workers until Ctrl-C or SIGTERM.

    Raises:
        ChildFailed: One cannot be kept running.
    """
    family = Family(voice.say)
    with family.listening():
        try:
            family.start(*plan.worker_children({**environ, "PYTHONUNBUFFERED": "1"}))
            family.watch()
        finally:
            family.stop()
