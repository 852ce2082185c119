"""Imports, from Xero and of files: start one, watch it, review it, read its report."""

from flask import Blueprint

bp = Blueprint("imports", __name__, url_prefix="/imports")

from posxero.blueprints.imports import exclusions, files, pages, repeat, review, undo  # noqa: E402, F401 - their views name `bp`
