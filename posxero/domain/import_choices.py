"""What a person chooses for the import of a file."""

from posxero.domain.enums import LabelledEnum


class OnMatch(LabelledEnum):
    """What the import of a file does with a customer that is here already. An empty cell never changes anything."""

    KEEP = "keep", "Leave them as they are"
    FILL = "fill", "Fill in what is empty here"
    REPLACE = "replace", "Replace their details with what the file says"
