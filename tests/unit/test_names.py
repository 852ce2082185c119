"""No definition has a name that only this code used; style says: the field's standard terms, one meaning a word."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import posxero

PACKAGE = Path(posxero.__file__).parent
REPLACED = {  # earlier name: what it is called now
    "Standing": "ConnectionStatus",
    "standing": "sync_status",
    "standing_words": "sync_sentences",
    "Unconnected": "ConnectError",
    "unconnected": "xero_connection.errors",
    "farewell": "grant_cleanup",
    "leave": "release_ended",
    "wipe": "delete_if_unused",
    "wanted": "needs_cleanup",
    "where": "status",
    "Chosen": "Tenant",
    "Choice": "TenantOption",
    "Unsure": "ConfirmationRequired",
    "refreshing": "token_refresh",
    "take": "acquire_lease",
    "bury": "mark_lost",
    "Held": "GrantSnapshot",
    "Line": "PushContext",
    "look": "verify",
    "_sorted": "_classify",
    "_sort": "_resolve_archived",
    "later": "snooze",
    "resume": "clear_outage",
    "stumble": "record_exception",
    "unsure": "mark_unknown",
    "_suspect": "mark_verify_due",
    "said_no": "is_rejection",
    "Slice": "ImportLease",
    "turn": "lease; a share of time is a slice",
    "Stretch": "RowRange",
    "within": "unsettled_in",
    "Hopeless": "ImportFailed",
    "OrderRefused": "ImportConflict",
    "Stop": "StopWork",
    "closed": "finish_columns",
    "FREE": "RELEASED",
    "ON": "RESUMED",
    "outlook": "preview",
    "Outlook": "ImportPreview",
    "moment": "request_time, parse_xero_date",
    "clock": "format_time",
    "Hints": "JobQueue",
    "hints": "job_queue",
    "outside": "ports",
    "impatient": "redis_client",
    "glance": "page_client",
    "flying": "in_flight",
    "told": "observe_headers",
    "limits_told": "limits_observe",
    "once": "idempotency",
    "idem": "idempotency_key",
    "SavedForm": "FormSubmission",
    "words": "enums",
    "steps": "enums",
    "debt": "needs_push",
    "dialling": "phone_numbers",
    "phones": "xero_phones",
    "Sheet": "ContactPage",
    "sheet": "contact_page",
    "acts": "actions",
    "shown": "import_page",
    "EARLY": "REFRESH_BEFORE_EXPIRY",
    "ENOUGH": "MIN_USABLE_LIFETIME",
    "LOOK": "a name with its unit",
    "TOUCH": "ACTIVITY_WRITE_INTERVAL",
    "OLD": "a name of what it bounds",
    "LONGEST": "a name of what it bounds",
    "Family": "ProcessGroup",
    "family": "process_group",
    "Voice": "Console",
    "voice": "console",
    "practice_shop": "demo_data",
    "oddities": "edge_cases",
    "moments": "xero_dates",
    "reading": "contact_form (in Practice Xero)",
    "gate": "middleware",
    "doubts": "unconfirmed, review_rows",
    "Doubt": "ReviewRow",
    "doubtful": "needs_review",
}
CLASSES_REPLACED = {"unseen": "visually-hidden", "dim": "muted", "side": "sidebar"}  # of the style sheet
OTHER_THINGS = {
    ("services/imports/reading.py", "reading"),  # a step of an import, as its phase is called
    ("services/imports/files/reading.py", "reading"),  # the same step of an import of a file
    ("domain/folding.py", "words"),  # the words of a text
    ("domain/weeks.py", "later"),  # the week after
    ("blueprints/sync/weekly.py", "later"),  # its address
    ("practice/query.py", "where"),  # adds to the WHERE of a statement
}


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements within another, and those within them; expressions define nothing."""
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        for child in getattr(node, field, ()) if not isinstance(node, ast.expr) else ():
            yield child
            yield from statements(child)


def definitions(path: Path) -> Iterator[str]:
    """Yield the names that a module defines, and its own."""
    yield path.stem
    tree = ast.parse(path.read_text("utf-8"))
    for node in statements(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def test_no_definition_has_a_name_that_was_replaced() -> None:
    found = {
        (str(path.relative_to(PACKAGE)), name)
        for path in PACKAGE.rglob("*.py")
        for name in definitions(path)
        if name in REPLACED
    }
    found |= {(str(path.relative_to(PACKAGE)), path.stem) for path in PACKAGE.rglob("*.lua") if path.stem in REPLACED}
    assert found - OTHER_THINGS == set(), "each has a standard name in REPLACED"
    assert found >= OTHER_THINGS


def test_no_class_of_the_style_sheet_has_a_name_that_was_replaced() -> None:
    used = set(re.findall(r"\.([a-z][\w-]*)", (PACKAGE / "static/app.css").read_text("utf-8")))
    assert used & set(CLASSES_REPLACED) == set()
    assert used >= set(CLASSES_REPLACED.values())
