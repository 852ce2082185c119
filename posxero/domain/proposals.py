"""What the preview of an import proposes."""

from posxero.domain.enums import LabelledEnum


class Proposal(LabelledEnum):
    """What an import would do with one contact of Xero, in a preview."""

    TO_ADD = "to_add", "Would be added"
    TO_LINK = "to_link", "Would be linked"
    TO_UPDATE = "to_update", "Would be updated"  # of a row of a file
    TO_CHECK = "to_check", "You would be asked about"
