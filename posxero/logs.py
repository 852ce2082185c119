"""Logs: one line an event; lines of JSON in production. A traceback never shows the values of variables."""

import logging
import re
import sys
from typing import Any

import structlog

SECRET_ADDRESS = re.compile(r"(/invitations/)[^\s/?#\"'\\]+")  # the token of an invitation
SERVERS = ("gunicorn.access", "gunicorn.error", "werkzeug")  # loggers that write addresses


def configure(*, production: bool, to_stderr: bool = False) -> None:
    """Set up structlog for this process. A command that answers on the standard output logs to the other."""
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
            _hide_tokens,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_on_stderr if to_stderr else structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,
    )
    for name in SERVERS:
        logging.getLogger(name).addFilter(_hide_tokens_of_server)


def hide_tokens(line: str) -> str:
    """Replace the secret part of every address in a line of the log."""
    return SECRET_ADDRESS.sub(r"\1…", line)


def _hide_tokens(_logger: Any, _method: str, line: Any) -> Any:
    """Process what structlog renders last: the whole line, with its traceback."""
    return hide_tokens(line) if isinstance(line, str) else line


def _hide_tokens_of_server(record: logging.LogRecord) -> bool:
    record.msg, record.args = hide_tokens(record.getMessage()), None
    return True


def _on_stderr(*_arguments: object) -> structlog.PrintLogger:
    return structlog.PrintLogger(sys.stderr)
