"""Customers and suppliers: lists, search, one contact, editing. Both kinds share every page."""

from flask import Blueprint, Flask

bp = Blueprint("customers", __name__)

from posxero.blueprints.customers import (  # noqa: E402 - their views name `bp`
    actions,  # noqa: F401
    bulk_change,  # noqa: F401
    bulk_send,  # noqa: F401
    drafts,  # noqa: F401
    duplicates,  # noqa: F401
    edit,  # noqa: F401
    follow_merge,  # noqa: F401
    history,  # noqa: F401
    history_files,  # noqa: F401
    index,  # noqa: F401
    linking,  # noqa: F401
    list_file,
    list_query,  # noqa: F401
    merge,  # noqa: F401
    message,  # noqa: F401
    personal_data,  # noqa: F401
    restore,  # noqa: F401
    saved_filters,  # noqa: F401
    show,  # noqa: F401
    xero_values,  # noqa: F401
)


def register(app: Flask) -> None:
    """Serve the pages twice: under /customers and under /suppliers."""
    app.register_blueprint(bp, url_prefix="/customers")
    app.register_blueprint(bp, name="suppliers", url_prefix="/suppliers")
    for name in ("customers", "suppliers"):  # beside the prefix, where a blueprint has no addresses
        app.add_url_rule(f"/{name}.csv", f"{name}.export", list_file.export)
