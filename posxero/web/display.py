"""How a contact's details are shown: phones, emails and addresses, in the habits of the business's country."""

from collections.abc import Mapping
from urllib.parse import quote

from flask import Flask, g
from markupsafe import Markup, escape

from posxero.domain import phone_display
from posxero.domain.letters import letter_lines
from posxero.web.places import country_code


def init_app(app: Flask) -> None:
    """Register the filters `phone`, `dial`, `breakable` and `letter` for templates."""
    for template_filter in (phone, dial, breakable, letter):
        app.add_template_filter(template_filter)


def phone(text: str) -> str:
    """Return a phone number as every page shows it."""
    return phone_display.shown(text, g.business.country)


def dial(text: str) -> str:
    """Return the `tel:` address of a phone number."""
    return f"tel:{quote(phone_display.dial(text, g.business.country), safe='+;=')}"


def breakable(email: str) -> Markup:
    """Return an email address that may be broken after its @ and before its dots, and nowhere else."""
    return Markup(str(escape(email)).replace("@", "@<wbr>").replace(".", "<wbr>."))  # noqa: S704 - it was escaped


def letter(values: Mapping[str, str]) -> list[str]:
    """Return the lines of an address (line1, … country), without the country where it is the business's own."""
    written, home = values.get("country", ""), g.business.country
    there = country_code(written) if written else home
    return letter_lines(values, country=there, abroad=bool(written) and (there or written) != home)
