"""One request computes at a time; those that wait hold nobody up."""

from __future__ import annotations

from threading import Event

from posxero.server.dispatcher import Dispatcher

LONG = 30.0  # seconds until something that never comes fails the test


class Request:
    """Stands for a connection whose request runs until it is told to end."""

    def __init__(self) -> None:
        self.began, self.end, self.ended = Event(), Event(), Event()

    def service(self) -> None:
        self.began.set()
        assert self.end.wait(LONG)
        self.ended.set()


def test_a_request_waits_while_another_computes() -> None:
    dispatcher, first, second = Dispatcher(waiting_after=LONG), Request(), Request()
    dispatcher.add_task(first)
    dispatcher.add_task(second)
    assert first.began.wait(LONG)
    assert not second.began.wait(0.05)
    first.end.set()
    assert second.began.wait(LONG), "it begins when the first one has ended"
    second.end.set()


def test_requests_that_wait_for_something_hold_nobody_up() -> None:
    dispatcher, requests = Dispatcher(threads=3, waiting_after=0.01), [Request() for _ in range(4)]
    for request in requests:
        dispatcher.add_task(request)
    assert all(request.began.wait(LONG) for request in requests[:3])
    assert not requests[3].began.wait(0.05), "there are only three threads"
    for request in requests:
        request.end.set()
    assert all(request.ended.wait(LONG) for request in requests)
