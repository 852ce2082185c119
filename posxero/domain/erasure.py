"""What stands in the place of a person whose details were erased."""

from typing import Final

ERASED_NAME: Final = "Erased customer"
STAGED_REASON: Final = "Its details were erased here, so it isn't imported"
