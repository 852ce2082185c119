"""Parse the body of a write: JSON, or XML as older clients send it."""

from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from flask import Request

from posxero.practice.casing import canonical_keys

LIST_TAGS = frozenset({"contacts", "phones", "addresses", "contactpersons", "historyrecords", "invoices", "lineitems"})
BOOLEANS = {"true": True, "false": False}


class _RefuseDocumentType(TreeBuilder):
    """Refuse document types, whose entities can make a small body huge."""

    def doctype(self, *_declared: Any) -> None:
        """Refuse a document type."""
        raise ParseError("no document type is allowed")


def parse(request: Request) -> Any:
    """Return the body of a request with its keys in Xero's spelling, None if it cannot be parsed."""
    if request.mimetype in {"application/xml", "text/xml"}:
        return canonical_keys(_from_xml(request.get_data()))
    return canonical_keys(request.get_json(force=True, silent=True))


def _from_xml(body: bytes) -> Any:
    """Return XML as the JSON that says the same: <Contacts><Contact>… as {"Contacts": [{…}]}, <Contact>… as {…}."""
    parser = XMLParser(target=_RefuseDocumentType())  # noqa: S314 - document types, and so entities, are refused
    try:
        parser.feed(body)
        root = parser.close()
    except ParseError:
        return None
    value = _element_value(root)
    return {root.tag: value} if isinstance(value, list) else value


def _element_value(element: Element) -> Any:
    if element.tag.lower() in LIST_TAGS:
        return [_element_value(child) for child in element]
    if len(element):
        return {child.tag: _element_value(child) for child in element}
    text = element.text or ""
    return BOOLEANS.get(text, text)
