"""Why two customers cannot be made one, or a merge cannot be undone; each message says what to do."""


class CannotMerge(Exception):
    """The two cannot be merged as it is. Nothing changes."""


class ChangedMeanwhile(CannotMerge):
    """Somebody saved one of the two after the choices were shown."""


class CannotUndoMerge(Exception):
    """The merge can no longer be undone. Nothing changes."""
