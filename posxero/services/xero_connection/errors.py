"""Why a consent did not end in a connection: each says what happened and what to do, in words for the owner.

::

    Unconnected
    ├── Declined        the owner pressed Cancel on Xero's page
    ├── WrongState      the answer does not belong to this sign-in, or is made up
    ├── UsedBefore      the answer was used already: the page was loaded again
    ├── TooLate         more than ten minutes passed
    ├── CodeUsed        Xero does not take the code
    ├── NoOrganisation  the consent holds no organisation
    ├── NotGranted      the chosen organisation is not in the consent
    ├── TenantTaken     another business of this server is connected to it
    └── XeroAway        Xero did not answer
"""


class ConnectError(Exception):
    """Base of all; `title` says what happened, `text` what to do."""

    title = "Xero was not connected"
    text = "Start again."


class Declined(ConnectError):
    """The owner pressed Cancel on Xero's page."""

    title = "You did not allow access"
    text = "Nothing was connected, and nothing was changed in Xero. Connect again when you are ready."


class WrongState(ConnectError):
    """The answer is not one that this sign-in asked for."""

    title = "This connection was not started here"
    text = (
        "It was started in another browser or sign-in, or its address was changed. "
        "Nothing was connected. Start again from here, and stay in this browser until Xero sends you back."
    )


class StateUsed(ConnectError):
    """The state was used."""

    title = "This connection was already completed"
    text = (
        "The page was loaded twice, or you went back. Check the connection in Settings, "
        "and start again if it isn't there."
    )


class StateExpired(ConnectError):
    """The state ran out."""

    title = "That took too long"
    text = "More than ten minutes passed on Xero's pages, so nothing was connected. Start again."


class CodeExpired(ConnectError):
    """Xero does not take the code."""

    title = "Xero's code has expired"
    text = "Xero's code works only once, and only for a few minutes. Nothing was connected. Start again."


class NoOrganisation(ConnectError):
    """The consent holds no organisation."""

    title = "No organisation was chosen"
    text = "You didn't give access to an organisation. Start again, and choose the one whose customers you sell to."


class NotGranted(ConnectError):
    """The chosen organisation is not among those of the consent, or the choice came too late."""

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
