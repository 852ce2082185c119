"""Logs: one line per event, as JSON in production. A traceback never shows the values of variables."""

import logging
import re
import sys
from typing import Any

import structlog

SECRET_URL = re.compile(r"(/invitations/)[^\s/?#\"'\\]+")  # the token of an invitation
SERVER_LOGGERS = ("gunicorn.access", "gunicorn.error", "werkzeug")  # they write URLs


def configure(*, production: bool, to_stderr: bool = False) -> None:
    """Set up structlog for this process; a command that prints its result logs to the standard error."""
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
            _redact_line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_on_stderr if to_stderr else structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,
    )
    for name in SERVER_LOGGERS:
        logging.getLogger(name).addFilter(_redact_record)


def redact_tokens(line: str) -> str:
    """Replace the secret part of every URL in a line of the log."""
    return SECRET_URL.sub(r"\1…", line)


def _redact_line(_logger: Any, _method: str, line: Any) -> Any:
    """Redact what structlog rendered: the whole line, with its traceback."""
    return redact_tokens(line) if isinstance(line, str) else line


def _redact_record(record: logging.LogRecord) -> bool:
    record.msg, record.args = redact_tokens(record.getMessage()), None
    return True


def _on_stderr(*_arguments: object) -> structlog.PrintLogger:
    return structlog.PrintLogger(sys.stderr)
