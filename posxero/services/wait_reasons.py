"""Why we wait for Xero, in words: the one table of reasons, for pushes and imports alike."""

from typing import Final

from posxero.xero.errors import Limited, OrganisationOffline, OutcomeUnknown, TemporarilyRefused, XeroError

NOT_RESPONDING: Final = "Xero isn't responding."
TOO_SLOW: Final = "Xero took too long to respond."
ASKED_TO_WAIT: Final = "Xero asked us to wait."
INCOMPLETE_ANSWER: Final = "Xero's response was incomplete. Asking again."
DISCONNECTED: Final = "Xero is disconnected. Reconnect to the same organisation to continue the import."
CONTACTS_CHANGED: Final = "Xero's contacts changed while we were reading them. Reading them again."
OWN_DEFECT: Final = "Something went wrong on our side. Trying again. Reference: {reference}."
BACKLOG_WAITS: Final = "Xero's limit has almost been reached, so new changes go first."
LIMITS: Final = {
    "minute": "Xero's limit per minute has been reached.",
    "appminute": "Xero's limit per minute has been reached.",
    "concurrent": "Xero is busy with our other requests.",
    "day": "Xero's daily limit has been reached.",
    "redis": "Xero's limits can't be checked right now.",
}


def limit_reason(error: Limited) -> str:
    """Return which limit was reached."""
    return LIMITS.get(error.limit, LIMITS["minute"])


def outage_reason(error: XeroError) -> str:
    """Return why a call got no good answer."""
    if isinstance(error, TemporarilyRefused | OrganisationOffline):
        return str(error)
    return TOO_SLOW if isinstance(error, OutcomeUnknown) else NOT_RESPONDING
