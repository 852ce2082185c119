"""Errors that more than one service raises.

NotFound  a row that is not there, or is another business's: the two look alike
"""


class NotFound(LookupError):
    """No such row in this business; doors answer 404."""
