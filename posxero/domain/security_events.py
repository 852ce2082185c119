"""The closed list of what the security log records, and its words on screen."""

from enum import StrEnum


class SecurityEventKind(StrEnum):
    """What happened. The database stores the value, which holds at most 20 characters."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    THROTTLED = "throttled"
    MANY_FAILURES = "many_failures"
    SIGNED_OUT = "signed_out"
    SESSIONS_ENDED = "sessions_ended"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - not a password
    PASSWORD_RESET = "password_reset"  # noqa: S105 - not a password
    USER_INVITED = "user_invited"
    USER_ADDED = "user_added"
    USER_CHANGED = "user_changed"
    USER_REMOVED = "user_removed"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    IMPORT_STARTED = "import_started"
    EXPORTED = "exported"
    ERASED = "erased"

    @property
    def label(self) -> str:
        """Return the name of the event on screen."""
        return _LABELS[self]

    @property
    def is_warning(self) -> bool:
        """Return whether the log line of the event is a warning."""
        return self in _WARNINGS


_LABELS = {
    SecurityEventKind.SIGNED_IN: "Signed in",
    SecurityEventKind.SIGN_IN_FAILED: "Wrong password",
    SecurityEventKind.THROTTLED: "Sign-in delayed",
    SecurityEventKind.MANY_FAILURES: "Many wrong passwords",
    SecurityEventKind.SIGNED_OUT: "Signed out",
    SecurityEventKind.SESSIONS_ENDED: "Signed out elsewhere",
    SecurityEventKind.PASSWORD_CHANGED: "Password changed",
    SecurityEventKind.PASSWORD_RESET: "Password reset",
    SecurityEventKind.USER_INVITED: "User invited",
    SecurityEventKind.USER_ADDED: "User added",
    SecurityEventKind.USER_CHANGED: "User changed",
    SecurityEventKind.USER_REMOVED: "User removed",
    SecurityEventKind.CONNECTED: "Connected to Xero",
    SecurityEventKind.DISCONNECTED: "Disconnected from Xero",
    SecurityEventKind.IMPORT_STARTED: "Import started",
    SecurityEventKind.EXPORTED: "File downloaded",
    SecurityEventKind.ERASED: "Personal details erased",
}
_WARNINGS = frozenset({SecurityEventKind.SIGN_IN_FAILED, SecurityEventKind.THROTTLED, SecurityEventKind.MANY_FAILURES})
