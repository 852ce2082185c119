"""Logs: one line an event; lines of JSON in production. A traceback never shows the values of variables."""

import logging

import structlog


def configure(*, production: bool) -> None:
    """Set up structlog for this process."""
    renderer: structlog.typing.Processor
    if production:
        renderer = structlog.processors.JSONRenderer()
        last: list[structlog.typing.Processor] = [structlog.processors.format_exc_info, renderer]
    else:
        plain = structlog.dev.plain_traceback  # the rich one prints local variables: passwords and tokens
        last = [structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, exception_formatter=plain)]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
