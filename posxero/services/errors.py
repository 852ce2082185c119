"""Errors that more than one service raises.

Invalid       what was typed cannot be saved; says why, by field
NotFound      a row that is not there, or is another business's: the two look alike
Erased        a contact whose details were erased: nothing of it can be changed
NotConnected  the business has no connection to Xero that would do
"""


class Invalid(ValueError):
    """What was typed cannot be saved; `errors` maps the form's fields to sentences."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


class NotFound(LookupError):
    """No such row in this business; doors answer 404."""


class Erased(NotFound):
    """The contact's details were erased; doors answer 410."""


class NotConnected(Exception):
    """The business has no connection to Xero that would do; the message, if any, says what to do."""
