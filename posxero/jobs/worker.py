"""RQ's workers: one process for one queue, with the app built before the first job."""

import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import structlog
from flask import Flask
from redis import Redis, RedisError
from rq import Queue, SimpleWorker, Worker
from rq.exceptions import StopRequested
from rq.job import Job

from posxero.db.session import db
from posxero.jobs.heartbeat import HeartbeatWriter
from posxero.parent_death import die_with_parent
from posxero.ports import ports_of
from posxero.queue import PUSH, SERIALIZER
from posxero.redis_client import redis_client

# Seconds. Measured: a job of a killed worker is requeued after 71 s with these, after 811 s with RQ's defaults.
RQ_INTERVALS: dict[str, Any] = {"worker_ttl": 25, "maintenance_interval": 5, "job_monitoring_interval": 5}
MAX_JOBS_PER_PROCESS = 20_000  # then a push worker exits, and its supervisor starts a new one
MIN_RECONNECT_DELAY, MAX_RECONNECT_DELAY = 0.5, 5.0  # seconds

log = structlog.get_logger(__name__)


class PushWorker(SimpleWorker):
    """Runs jobs in its own process, with connections that stay open: a save reaches Xero in milliseconds."""

    app: Flask
    stop_requested = False
    performed_jobs = 0

    def perform_job(self, job: Job, queue: Queue, execution: Any) -> bool:
        """Run the job in an app context of its own."""
        self.performed_jobs += 1
        with self.app.app_context():
            return bool(super().perform_job(job, queue, execution))

    def request_stop(self, signum: Any, frame: Any) -> None:
        """Finish the running job, then exit."""
        self.stop_requested = True
        with _exit_on_stop():
            super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ's has no types


class ForkingWorker(Worker):
    """Runs each job in a work horse of its own, which dies with its worker."""

    app: Flask
    heartbeat_writer: HeartbeatWriter
    stop_requested = False
    _die_with_worker: Callable[[], None] | None = None

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Fork while no heartbeat is being stored: the work horse must not inherit a lock that nobody releases."""
        self._die_with_worker = die_with_parent()
        with self.heartbeat_writer.lock:
            super().fork_work_horse(job, queue)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Run the job in the forked process, with database connections of its own."""
        if self._die_with_worker:
            self._die_with_worker()
        with self.app.app_context():
            db.engine.dispose(close=False)  # inherited sockets belong to the parent
            super().main_work_horse(job, queue)

    def request_stop(self, signum: Any, frame: Any) -> None:
        """Let the work horse finish its job, then exit."""
        self.stop_requested = True
        with _exit_on_stop():
            super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ's has no types


def run(app: Flask, queue_name: str) -> None:
    """Run the jobs of one queue until SIGTERM. Never of two queues: RQ loses jobs between them.

    Redis may be down at the start and may go down later: the worker logs that and waits.

    Raises:
        SystemExit: No Redis is configured, or SIGTERM came while Redis was down.
    """
    url = ports_of(app).settings.redis_url
    if url is None:
        log.error("worker.no_redis", what_to_do="Set POSXERO_REDIS_URL to the address of a Redis or Valkey server.")
        sys.exit(1)
    gc.collect()
    gc.freeze()
    heartbeat = HeartbeatWriter(app, queue_name)
    heartbeat.start()
    while True:
        signal.signal(signal.SIGTERM, _exit)
        signal.signal(signal.SIGINT, _exit)
        redis = redis_client(url)
        _wait_until_reachable(redis)
        if _run_worker(app, queue_name, redis, heartbeat):
            return


def _run_worker(app: Flask, queue_name: str, redis: Redis, heartbeat: HeartbeatWriter) -> bool:
    """Run jobs until a stop signal, or until Redis is lost; return whether the process should exit."""
    worker_class = PushWorker if queue_name == PUSH else ForkingWorker
    queue = Queue(queue_name, connection=redis, serializer=SERIALIZER)
    worker: PushWorker | ForkingWorker | None = None
    try:
        options = {"serializer": SERIALIZER, "log_job_description": False, **RQ_INTERVALS}
        worker = worker_class([queue], connection=redis, **options)
        worker.app = app
        if isinstance(worker, ForkingWorker):
            worker.heartbeat_writer = heartbeat
        log.info("worker.started", queue=queue_name, pid=os.getpid())
        worker.work(logging_level="WARNING", max_jobs=MAX_JOBS_PER_PROCESS if worker_class is PushWorker else None)
    except RedisError as error:
        log.error("worker.redis_lost", queue=queue_name, error=repr(error))  # noqa: TRY400 - the trace is RQ's, not ours
        return worker is not None and worker.stop_requested
    log.info("worker.ended", queue=queue_name, asked=worker.stop_requested)
    return worker.stop_requested or (isinstance(worker, PushWorker) and worker.performed_jobs >= MAX_JOBS_PER_PROCESS)


def _wait_until_reachable(redis: Redis) -> None:
    delay = MIN_RECONNECT_DELAY
    while True:
        try:
            redis.ping()
        except RedisError as error:
            log.warning("worker.redis_away", error=repr(error), next_try_in=delay)
            time.sleep(delay)
            delay = min(delay * 2, MAX_RECONNECT_DELAY)
        else:
            return


@contextmanager
def _exit_on_stop() -> Iterator[None]:
    """Exit an idle worker by SystemExit: RQ's own exception is lost when the signal comes while RQ logs."""
    try:
        yield
    except StopRequested:
        sys.exit(0)


def _exit(_signum: int, _frame: Any) -> NoReturn:
    sys.exit(0)
