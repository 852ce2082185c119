"""Format a contact's details for pages: phones, emails, addresses and dates as the business's country writes them."""

from collections.abc import Mapping
from urllib.parse import quote

from flask import Flask, g
from markupsafe import Markup, escape

from posxero.domain import phone_display
from posxero.domain.address_lines import AddressPart, address_lines
from posxero.domain.field import Field
from posxero.domain.field_kinds import DATE
from posxero.web.places import country_code, format_date


def init_app(app: Flask) -> None:
    """Register the filters for templates."""
    for template_filter in (display, phone, phone_url, breakable, postal_lines, sentence):
        app.add_template_filter(template_filter)


def display(value: str, field: Field) -> str:
    """Format the value of a field: a date in the business's format, Yes or No of a flag; "" is empty."""
    stored = field.kind.parse(value) if field.kind is DATE else None
    return format_date(stored, g.business.country) if stored else field.kind.in_words(value)


def phone(text: str) -> str:
    """Format a phone number."""
    return phone_display.format_phone(text, g.business.country)


def phone_url(text: str) -> str:
    """Return the `tel:` address of a phone number."""
    return f"tel:{quote(phone_display.dial_string(text, g.business.country), safe='+;=')}"


def sentence(words: str) -> str:
    """Return words that begin with a capital letter; names within them stay as they are."""
    return words[:1].upper() + words[1:]


def breakable(email: str) -> Markup:
    """Return an email address with line breaks allowed after its @ and before its dots only."""
    return Markup(str(escape(email)).replace("@", "@<wbr>").replace(".", "<wbr>."))  # noqa: S704 - it was escaped


def postal_lines(parts: Mapping[str, str]) -> list[str]:
    """Return the lines of an address (by `AddressPart`), without the country where it is the business's own."""
    written, home = parts.get(AddressPart.COUNTRY, ""), g.business.country
    there = country_code(written) if written else home
    return address_lines(parts, country=there, abroad=bool(written) and (there or written) != home)
