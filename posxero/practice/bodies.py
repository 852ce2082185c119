"""The body of a write: JSON, or XML as older clients send it, with its keys in Xero's spelling."""

from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from flask import Request

from posxero.practice.casing import canonical_keys

LISTS = frozenset({"contacts", "phones", "addresses", "contactpersons", "historyrecords"})
BOOLEANS = {"true": True, "false": False}


class _NoDocumentType(TreeBuilder):
    """Refuses document types, for their entities can make a small body huge."""

    def doctype(self, *_declared: Any) -> None:
        """Refuse."""
        raise ParseError("no document type is allowed")


def read(request: Request) -> Any:
    """Return what a request sends, None where it cannot be read."""
    if request.mimetype in {"application/xml", "text/xml"}:
        return canonical_keys(_from_xml(request.get_data()))
    return canonical_keys(request.get_json(force=True, silent=True))


def _from_xml(body: bytes) -> Any:
    """Return XML as the JSON that says the same: <Contacts><Contact>… as {"Contacts": [{…}]}, <Contact>… as {…}."""
    parser = XMLParser(target=_NoDocumentType())  # noqa: S314 - document types, and so entities, are refused
    try:
        parser.feed(body)
        root = parser.close()
    except ParseError:
        return None
    value = _value(root)
    return {root.tag: value} if isinstance(value, list) else value


def _value(element: Element) -> Any:
    if element.tag.lower() in LISTS:
        return [_value(child) for child in element]
    if len(element):
        return {child.tag: _value(child) for child in element}
    text = element.text or ""
    return BOOLEANS.get(text, text)
