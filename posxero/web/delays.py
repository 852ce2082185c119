"""Sentences about what is delayed because a process does not run."""

from flask import g

from posxero.ports import current_ports
from posxero.queue import IMPORT, PUSH
from posxero.services.sync_status import heartbeats
from posxero.web.request_time import request_time
from posxero.web.sync_status import connection_status
from posxero.web.times import since

DELAYS = {
    PUSH: "Sending is delayed: the push worker hasn't been running since {since}.",
    heartbeats.SCHEDULER: "Sending is delayed: the scheduler hasn't been running since {since}.",
    IMPORT: "Imports are delayed: the import worker hasn't been running since {since}.",
}


def delays() -> list[str]:
    """Return a sentence for each process that does not run and whose absence people would notice."""
    now, timings = request_time(), current_ports().settings.timings
    late = heartbeats.late_processes(connection_status().seen, timings, now=now)
    starts = {one.process: since(one.since, now, g.business.timezone) for one in late}
    return [sentence.format(since=starts[process]) for process, sentence in DELAYS.items() if process in starts]
