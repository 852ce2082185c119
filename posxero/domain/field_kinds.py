"""Kinds of fields: how a value is cleaned, checked, compared, stored and entered.

A value is text wherever it travels: in forms, drafts, history and the copy of a link; "" is empty. `parse` turns
the text into what the column of the field stores, `render` turns that back. Nothing else knows the difference.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from operator import eq
from typing import Any, Final, Literal

from posxero.domain.field_rules import (
    Rule,
    RuleContext,
    check_country,
    check_date,
    check_email,
    check_phone,
    parse_date,
)
from posxero.domain.labels import check_tags, clean_tags, parse_tags, render_tags, same_tags
from posxero.domain.masks import is_masked_form
from posxero.domain.phone_numbers import is_same_number
from posxero.domain.text import normalise, normalise_lines, values_equal

Control = Literal["text", "email", "tel", "textarea", "date", "select"]

YES: Final = "yes"  # a flag's value; "" is no


@dataclass(frozen=True, slots=True)
class FieldKind:
    """One kind of field.

    Attributes:
        name: What pages choose the presentation by.
        control: The form's control: a type of HTML's input, or the element itself.
        options: Value and words of each choice of a select.
        clean: Turns typed text into the one form that is compared and saved.
        rule: What every value of the kind must meet.
        is_unchanged: Compares the saved and the submitted value.
        matches_xero: Compares our value and Xero's.
        is_same_in_xero: Compares the saved and the submitted value as Xero counts: only formatting may differ.
        parse: Turns a cleaned, checked value into what the column stores.
        render: Turns what the column stores into the value.
    """

    name: str
    control: Control = "text"
    options: tuple[tuple[str, str], ...] = ()
    clean: Callable[[str], str] = normalise
    rule: Rule | None = None
    is_unchanged: Callable[[str, str], bool] = values_equal
    matches_xero: Callable[[str, str], bool] = values_equal
    is_same_in_xero: Callable[[str, str], bool] = values_equal
    parse: Callable[[str], Any] = str
    render: Callable[[Any], str] = str

    @property
    def inputmode(self) -> str:
        """The keyboard that a tablet shows; "" is the ordinary one."""
        return self.control if self.control in {"email", "tel"} else ""

    @property
    def is_multiline(self) -> bool:
        """Whether a value may have line breaks."""
        return self.control == "textarea"

    def control_for(self, value: str) -> Control:
        """Return the control that shows a value: a date control would hide a text that is no date."""
        return "text" if value and self.control == "date" and self.parse(value) is None else self.control

    def in_words(self, value: str) -> str:
        """Return a value of a select as its option says it, any other value unchanged."""
        return dict(self.options).get(value, value)


def _is_equal_or_masked(ours: str, theirs: str) -> bool:
    return values_equal(ours, theirs) or is_masked_form(theirs, ours)


def _is_same_number(one: str, other: str) -> bool:
    return values_equal(one, other) or is_same_number(one, other)


def _render_date(stored: date | None) -> str:
    return stored.isoformat() if stored else ""


def _clean_flag(text: str) -> str:
    typed = normalise(text).casefold()
    return "" if typed == "no" else typed


def _check_flag(label: str, value: str, _context: RuleContext) -> str:
    return "" if value in {"", YES} else f"Choose Yes or No for {label}"


def _render_flag(stored: bool | None) -> str:  # noqa: FBT001 - the value of a column
    return YES if stored else ""


TEXT: Final = FieldKind("text")
EMAIL: Final = FieldKind("email", control="email", rule=check_email)
PHONE: Final = FieldKind(
    "phone", control="tel", rule=check_phone, matches_xero=_is_same_number, is_same_in_xero=_is_same_number
)
FAX: Final = replace(PHONE, name="fax")  # a number that nobody dials from a page
COUNTRY: Final = FieldKind("country", rule=check_country)
MASKED: Final = FieldKind("masked", matches_xero=_is_equal_or_masked)  # Xero may show the last four characters only
NOTES: Final = FieldKind("notes", control="textarea", clean=normalise_lines, is_unchanged=eq)
DATE: Final = FieldKind("date", control="date", rule=check_date, parse=parse_date, render=_render_date)
GROUP: Final = FieldKind("group")  # the name of a group of the business
TAGS: Final = FieldKind(
    "tags", clean=clean_tags, rule=check_tags, is_unchanged=same_tags, parse=parse_tags, render=render_tags
)
FLAG: Final = FieldKind(
    "flag",
    control="select",
    options=(("", "No"), (YES, "Yes")),
    clean=_clean_flag,
    rule=_check_flag,
    parse=bool,
    render=_render_flag,
)
