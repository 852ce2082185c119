"""Run Practice Xero: python -m posxero.practice --port 8001."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from posxero.practice.app import create_practice
from posxero.practice.server import serve

ENVIRONMENT = "POSXERO_XERO_"


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGINT or SIGTERM. The client id and secret, and the webhook key, come from the environment."""
    options = _parser().parse_args(arguments)
    folder: Path = options.data_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    app = create_practice(
        folder / "practice.db",
        contacts=options.contacts,
        has_invoices=True,
        client_id=os.environ.get(f"{ENVIRONMENT}CLIENT_ID") or "practice",
        client_secret=os.environ.get(f"{ENVIRONMENT}CLIENT_SECRET") or "practice-secret",
        minute_limit=options.minute_limit,
        day_limit=options.day_limit,
        concurrent_limit=options.concurrent_limit,
        webhook_url=options.webhook_url,
        webhook_key=options.webhook_key or os.environ.get(f"{ENVIRONMENT}WEBHOOK_KEY", ""),
    )
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell starts what runs in its background deaf to SIGINT
        signal.signal(number, _stop)
    server = serve(app, options.host, options.port)
    sys.stdout.write(f"Practice Xero listens on http://{options.host}:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()  # until KeyboardInterrupt, which it takes for the wish to end
    sys.stdout.write("Practice Xero ends\n")


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m posxero.practice", description="A stand-in for Xero")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001, help="0: any free port")
    parser.add_argument("--contacts", type=int, default=1200, help="contacts of the first organisation of a new file")
    parser.add_argument("--data-dir", type=Path, default=Path("var"), help="where practice.db is kept")
    parser.add_argument("--minute-limit", type=int, default=60)
    parser.add_argument("--day-limit", type=int, default=5000)
    parser.add_argument("--concurrent-limit", type=int, default=5)
    parser.add_argument("--webhook-url", default="", help="where to deliver webhooks")
    parser.add_argument("--webhook-key", default="", help=f"signing key; by default {ENVIRONMENT}WEBHOOK_KEY")
    return parser


if __name__ == "__main__":
    main()
