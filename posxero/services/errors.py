"""Errors that more than one service raises.

Invalid       what was typed cannot be saved; says why, by field
NotFound      a row that is not there, or is another business's: the two look alike
Erased        a contact whose details were erased: nothing of it can be changed
Merged        a contact that was merged into another: what is asked of it is to be asked of that one
NotConnected  the business has no connection to Xero that would do
"""

from uuid import UUID


class Invalid(ValueError):
    """What was typed cannot be saved; `errors` maps the form's fields to sentences."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


class NotFound(LookupError):
    """No such row in this business; the app answers 404."""


class Erased(NotFound):
    """The contact's details were erased; the app answers 410."""


class Merged(NotFound):
    """The contact was merged into another, `survivor_id`; `name` is its own."""

    def __init__(self, name: str, survivor_id: UUID) -> None:
        super().__init__(name)
        self.name = name
        self.survivor_id = survivor_id


class NotConnected(Exception):
    """The business has no connection to Xero that would do; the message, if any, says what to do."""
