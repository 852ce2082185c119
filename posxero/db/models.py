"""Every table, imported once, so that the metadata is whole."""

from posxero.db.activity import Activity, ActivityPayload
from posxero.db.base import Base
from posxero.db.business import Business, User, UserSession
from posxero.db.connection import Connection, Consent, Grant
from posxero.db.contact import Contact, Link
from posxero.db.draft import Draft
from posxero.db.drift_check import DriftCheck
from posxero.db.excluded_contact import ExcludedContact
from posxero.db.form_submission import FormSubmission
from posxero.db.heartbeat import Heartbeat
from posxero.db.history_note import HistoryNote
from posxero.db.import_ import Import, ImportRow
from posxero.db.import_file import ImportFile, ImportFilePiece
from posxero.db.invitation import Invitation
from posxero.db.label import Label
from posxero.db.merge import ContactMerge, DistinctPair, MergedRow
from posxero.db.other_invoice import OtherInvoice
from posxero.db.sale import Sale, SaleLine, SalePayment
from posxero.db.sales_settings import OrganisationSettings, SalesSettings
from posxero.db.saved_filter import SavedFilter
from posxero.db.security import SecurityEvent
from posxero.db.xero_change import XeroChange
from posxero.db.xero_lookup import UnlinkedCopy, XeroSearch

__all__ = [
    "Activity",
    "ActivityPayload",
    "Base",
    "Business",
    "Connection",
    "Consent",
    "Contact",
    "ContactMerge",
    "DistinctPair",
    "Draft",
    "DriftCheck",
    "ExcludedContact",
    "FormSubmission",
    "Grant",
    "Heartbeat",
    "HistoryNote",
    "Import",
    "ImportFile",
    "ImportFilePiece",
    "ImportRow",
    "Invitation",
    "Label",
    "Link",
    "MergedRow",
    "OrganisationSettings",
    "OtherInvoice",
    "Sale",
    "SaleLine",
    "SalePayment",
    "SalesSettings",
    "SavedFilter",
    "SecurityEvent",
    "UnlinkedCopy",
    "User",
    "UserSession",
    "XeroChange",
    "XeroSearch",
]
