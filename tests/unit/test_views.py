"""How views are written: short, and with no part in queueing, which belongs to the service that commits."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import posxero

BLUEPRINTS = Path(posxero.__file__).parent / "blueprints"
MODULES = sorted(BLUEPRINTS.rglob("*.py"))
LINES_MAX = 15  # of the body of a view, without its docstring
QUERIES = {"reachable"}  # methods of the job queue that enqueue nothing


def views(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Find the functions that answer an address: `@bp.get(…)`, `@bp.post(…)`, `@bp.route(…)`."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and any("bp." in ast.unparse(one) for one in node.decorator_list):
            yield node


def enqueuing(tree: ast.Module) -> Iterator[str]:
    """Find the calls of a method of the job queue."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            if owner.rpartition(".")[2] == "jobs" and node.func.attr not in QUERIES:
                yield ast.unparse(node)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(BLUEPRINTS)))
def test_a_view_is_short_and_enqueues_nothing(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert list(enqueuing(tree)) == []
    lines = {view.name: (view.end_lineno or 0) - view.body[1].lineno + 1 for view in views(tree) if len(view.body) > 1}
    assert {name: count for name, count in lines.items() if count > LINES_MAX} == {}


def test_views_are_found() -> None:
    found = [view.name for path in MODULES for view in views(ast.parse(path.read_text(encoding="utf-8")))]
    assert {"show", "edit", "callback", "not_imported"} <= set(found)


@pytest.mark.parametrize("source", ["jobs.push(1)", "current_ports().jobs.run_import(1, 2)", "ports.jobs.refold(1)"])
def test_enqueuing_is_found(source: str) -> None:
    assert list(enqueuing(ast.parse(source))) == [source]
