"""The recipe of CONTRIBUTING.md for a text field, followed in a copy of the code: three edits, and not one less."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAP, COLUMN, MIGRATION = "posxero/domain/fields.py", "posxero/db/contact.py", "posxero/db/migrations/versions"
# The last line before the new one: what the recipe leaves to whoever follows it.
AFTER = {MAP: '    Field("customer_code",', COLUMN: "    customer_code: Mapped[str]"}
HEAD = """\
import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{newest}"


def upgrade() -> None:
{code}"""
# What a field must do, asked of the new one, and of all of them together.
THE_NEW_ONE = "not postgresql and (website or test_every or applying or agree or stands_first)"
TESTS = (
    "tests/unit/test_fields.py::test_a_column_holds_what_its_field_may_be",
    "tests/unit/test_fields.py::test_every_column_of_a_contact_is_a_field_or_is_known_not_to_be_one",
    "tests/unit/test_validation.py::test_every_field_has_an_end",
    "tests/unit/test_diff.py::test_applying_the_changes_gives_what_was_saved",
    "tests/integration/migrations/test_models.py",
    "tests/integration/customers/test_edit_page.py::test_every_field_is_saved_and_shown_again",
    "tests/integration/customers/test_edit_page.py::test_every_label_is_that_of_the_field_map",
    "tests/integration/customers/test_form_layout.py::test_what_is_edited_daily_stands_first_and_every_field_is_there",
    "tests/integration/customers/test_field_map.py",
    "tests/integration/test_kept_forms.py::test_every_field_that_will_be_sent_is_shown_whole",
)


def recipe() -> dict[str, str]:
    """Read the code of the recipe, by the file that it belongs to."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    section = text[text.index("## Adding a text field") : text.index("## Adding a push kind")]
    return dict(re.findall(r"^ *```diff\n *\+\+\+ ([\w/.]+)\n *\+(.*\n) *```$", section, re.MULTILINE))


def follow(checkout: Path, path: str, code: str) -> None:
    """Make one edit."""
    if path == MIGRATION:
        newest = max((checkout / MIGRATION).glob("[0-9]*.py")).name[:4]
        (checkout / MIGRATION / "9000_field.py").write_text(HEAD.format(newest=newest, code=code))
        return
    lines = (checkout / path).read_text().splitlines(keepends=True)
    (place,) = (number for number, line in enumerate(lines) if line.startswith(AFTER[path]))
    lines.insert(place + 1, code)
    (checkout / path).write_text("".join(lines))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    without_data = shutil.ignore_patterns("practice.db", "var")
    for folder in ("posxero", "tests"):  # with what is compiled: only what is edited is compiled again
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=without_data)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def run_tests(checkout: Path) -> subprocess.CompletedProcess[str]:
    """Run the tests of the copy, against the copy, on SQLite."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", THE_NEW_ONE, *TESTS]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False, timeout=300)


def test_the_recipe_has_three_edits_and_they_are_enough(checkout: Path) -> None:
    edits = recipe()
    assert set(edits) == {MAP, COLUMN, MIGRATION}
    for path, code in edits.items():
        follow(checkout, path, code)
    ran = run_tests(checkout)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("forgotten", [MAP, COLUMN, MIGRATION])
def test_an_edit_that_was_forgotten_is_noticed(checkout: Path, forgotten: str) -> None:
    for path, code in recipe().items():
        if path != forgotten:
            follow(checkout, path, code)
    ran = run_tests(checkout)
    assert ran.returncode != 0
    assert "website" in ran.stdout + ran.stderr  # the failure is about the new field, even where imports fail
