"""Sync activity: what needs attention and why, what waits, what was done, what Xero changed, and the imports."""

from flask import Blueprint

bp = Blueprint("sync", __name__, url_prefix="/sync")

from posxero.blueprints.sync import actions, pages, weekly  # noqa: E402, F401 - their views name `bp`
