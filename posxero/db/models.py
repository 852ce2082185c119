"""Every table, imported once, so that the metadata is whole."""

from posxero.db.activity import Activity, SavedForm
from posxero.db.base import Base
from posxero.db.business import Business, User, UserSession
from posxero.db.connection import Connection, Consent, Grant
from posxero.db.contact import Contact, Link
from posxero.db.draft import Draft
from posxero.db.heartbeat import Heartbeat
from posxero.db.history_note import HistoryNote
from posxero.db.import_ import Import, ImportRow
from posxero.db.invitation import Invitation
from posxero.db.security import SecurityEvent

__all__ = [
    "Activity",
    "Base",
    "Business",
    "Connection",
    "Consent",
    "Contact",
    "Draft",
    "Grant",
    "Heartbeat",
    "HistoryNote",
    "Import",
    "ImportRow",
    "Invitation",
    "Link",
    "SavedForm",
    "SecurityEvent",
    "User",
    "UserSession",
]
