"""The sizes that keep the code readable: modules and templates of one idea, packages that fit on one screen."""

from pathlib import Path

import pytest

import posxero

PACKAGE = Path(posxero.__file__).parent
TESTS = Path(__file__).parents[1]
MAX_LINES = 200  # of a module
MAX_LINES_OF_TEMPLATE = 100
MAX_LINES_OF_TEST = 300  # of a file of tests, or of what they share
MAX_MODULES = 12  # of a package of services
FIRST_MIGRATION = Path("db/migrations/versions/0001_first_tables.py")  # every first table
LARGER_PACKAGES = {Path("services/imports")}


def test_no_module_is_longer_than_its_limit() -> None:
    lengths = {path.relative_to(PACKAGE): len(path.read_text("utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}
    assert {str(path): lines for path, lines in lengths.items() if lines > MAX_LINES} == {
        str(FIRST_MIGRATION): lengths[FIRST_MIGRATION]
    }


@pytest.mark.parametrize(
    ("folder", "pattern", "limit"),
    [(PACKAGE, "*.html", MAX_LINES_OF_TEMPLATE), (TESTS, "*.py", MAX_LINES_OF_TEST)],
    ids=["templates", "tests"],
)
def test_no_template_and_no_test_is_longer_than_its_limit(folder: Path, pattern: str, limit: int) -> None:
    lengths = {
        str(path.relative_to(folder)): len(path.read_text("utf-8").splitlines()) for path in folder.rglob(pattern)
    }
    assert {path: lines for path, lines in lengths.items() if lines > limit} == {}
    assert lengths


def test_no_package_of_services_has_more_modules_than_its_limit() -> None:
    folders = [path for path in (PACKAGE / "services").rglob("*") if path.is_dir() and path.name != "__pycache__"]
    counts = {path.relative_to(PACKAGE): len(set(path.glob("*.py")) - {path / "__init__.py"}) for path in folders}
    assert {str(path) for path, count in counts.items() if count > MAX_MODULES} == {
        str(path) for path in LARGER_PACKAGES
    }
