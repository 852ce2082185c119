"""RQ's workers: one process for one queue, with the app built before it takes work."""

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

# Measured: a job of a killed worker is back after 71 s with these, after 811 s with RQ's defaults.
PATIENCE: dict[str, Any] = {"worker_ttl": 25, "maintenance_interval": 5, "job_monitoring_interval": 5}
PUSHES_A_PROCESS = 20_000  # then the process makes room for a fresh one

log = structlog.get_logger(__name__)


class PushWorker(SimpleWorker):
    """Runs jobs in its own process, with connections that are kept: a save reaches Xero in milliseconds."""

    app: Flask
    asked_to_stop = False
    performed = 0

    def perform_job(self, job: Job, queue: Queue, execution: Any) -> bool:
        """Run the job in an app context of its own."""
        self.performed += 1
        with self.app.app_context():
            return bool(super().perform_job(job, queue, execution))

    def request_stop(self, signum: Any, frame: Any) -> None:
        """Finish the job at hand, then end."""
        self.asked_to_stop = True
        with _ending():
            super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ's has no types


class ForkingWorker(Worker):
    """Runs each job in a work horse of its own, which dies with its worker."""

    app: Flask
    heartbeat_writer: HeartbeatWriter
    asked_to_stop = False
    _die_with_worker: Callable[[], None] | None = None

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Fork while the heartbeat's thread is at rest: the horse must not inherit a lock that nobody releases."""
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
        """Let the horse finish its job, then end."""
        self.asked_to_stop = True
        with _ending():
            super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ's has no types


def run(app: Flask, queue_name: str) -> None:
    """Work off one queue until SIGTERM. Never two queues: RQ loses jobs between them.

    Redis may be away at the start and may go away later: the worker says so and waits.

    Raises:
        SystemExit: No Redis is configured, or SIGTERM came while Redis was away.
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
        signal.signal(signal.SIGTERM, _leave)
        signal.signal(signal.SIGINT, _leave)
        redis = Redis.from_url(url)
        _wait_for(redis)
        if _work(app, queue_name, redis, heartbeat):
            return


def _work(app: Flask, queue_name: str, redis: Redis, heartbeat: HeartbeatWriter) -> bool:
    """Work until told to stop, or until Redis is lost. Tells whether the process should end."""
    kind = PushWorker if queue_name == PUSH else ForkingWorker
    queue = Queue(queue_name, connection=redis, serializer=SERIALIZER)
    worker: PushWorker | ForkingWorker | None = None
    try:
        worker = kind([queue], connection=redis, serializer=SERIALIZER, log_job_description=False, **PATIENCE)
        worker.app = app
        if isinstance(worker, ForkingWorker):
            worker.heartbeat_writer = heartbeat
        log.info("worker.started", queue=queue_name, pid=os.getpid())
        worker.work(logging_level="WARNING", max_jobs=PUSHES_A_PROCESS if kind is PushWorker else None)
    except RedisError as error:
        log.error("worker.redis_lost", queue=queue_name, error=repr(error))  # noqa: TRY400 - the trace is RQ's, not ours
        return worker is not None and worker.asked_to_stop
    log.info("worker.ended", queue=queue_name, asked=worker.asked_to_stop)
    return worker.asked_to_stop or (isinstance(worker, PushWorker) and worker.performed >= PUSHES_A_PROCESS)


def _wait_for(redis: Redis) -> None:
    pause = 0.5  # seconds
    while True:
        try:
            redis.ping()
        except RedisError as error:
            log.warning("worker.redis_away", error=repr(error), next_try_in=pause)
            time.sleep(pause)
            pause = min(pause * 2, 5)
        else:
            return


@contextmanager
def _ending() -> Iterator[None]:
    """End an idle worker by SystemExit: RQ's own exception is lost when the signal comes while it logs."""
    try:
        yield
    except StopRequested:
        sys.exit(0)


def _leave(_signum: int, _frame: Any) -> NoReturn:
    sys.exit(0)
