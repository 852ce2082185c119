"""`posxero worker` without a name: one process for each queue, restarted when it exits."""

from collections.abc import Mapping

from posxero.supervisor import plan
from posxero.supervisor.console import Console
from posxero.supervisor.process_group import ProcessGroup


def run(environ: Mapping[str, str], console: Console) -> None:
    """Run the workers until Ctrl-C or SIGTERM.

    Raises:
        ChildFailed: One cannot be kept running.
    """
    processes = ProcessGroup(console.print_child_line)
    with processes.stop_signals():
        try:
            processes.start(*plan.worker_children({**environ, "PYTHONUNBUFFERED": "1"}))
            processes.supervise()
        finally:
            processes.stop()
