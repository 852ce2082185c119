"""Why a consent did not end in a connection: each error says what happened and what to do, in words for the owner.

::

    ConnectError
    ├── Declined        the owner pressed Cancel on Xero's page
    ├── WrongState      the state belongs to another sign-in, or is made up
    ├── StateUsed       the state was used before: the page was loaded again
    ├── StateExpired    more than ten minutes passed
    ├── CodeExpired     Xero does not accept the code
    ├── NoOrganisation  the consent covers no organisation
    ├── NotGranted      the consent does not cover the chosen organisation, or the choice came too late
    ├── TenantTaken     another business of this server is connected to it
    └── XeroAway        Xero did not answer
"""


class ConnectError(Exception):
    """The base of all. `title` says what happened, `text` what to do."""

    title = "Xero was not connected"
    text = "Start again."


class Declined(ConnectError):
    """The owner pressed Cancel on Xero's page."""

    title = "You did not allow access"
    text = "Nothing has changed, here or in Xero. Connect again when you are ready."


class WrongState(ConnectError):
    """The state is not one that this sign-in asked for."""

    title = "This connection was not started here"
    text = (
        "It was started in another browser or sign-in, or its address was changed. "
        "Nothing was connected. Start again from here, and stay in this browser until Xero sends you back."
    )


class StateUsed(ConnectError):
    """The state was used before."""

    title = "This connection was already completed"
    text = (
        "The page was loaded twice, or you went back. Check the connection in Settings, "
        "and start again if it isn't there."
    )


class StateExpired(ConnectError):
    """The state is older than ten minutes."""

    title = "That took too long"
    text = "More than ten minutes passed on Xero's pages, so nothing was connected. Start again."


class CodeExpired(ConnectError):
    """Xero does not accept the code."""

    title = "Xero's code has expired"
    text = "Xero's code works only once, and only for a few minutes. Nothing was connected. Start again."


class NoOrganisation(ConnectError):
    """The consent covers no organisation."""

    title = "No organisation was chosen"
    text = "You didn't give access to an organisation. Start again, and choose the one whose customers you sell to."


class NotGranted(ConnectError):
    """The consent does not cover the chosen organisation, or the choice came too late."""

    title = "That choice has expired"
    text = "It is more than ten minutes old, or was already made. Start again."


class TenantTaken(ConnectError):
    """Another business is connected to the organisation."""

    title = "This organisation is connected to another business"

    def __init__(self, organisation: str) -> None:
        super().__init__(organisation)
        self.text = (
            f"{organisation} is already connected to another business here, and an organisation can be connected "
            "to only one. Disconnect it there first, or connect another organisation."
        )


class XeroAway(ConnectError):
    """Xero did not answer."""

    title = "Xero isn't responding"
    text = "Nothing was connected. Wait a minute and start again."
