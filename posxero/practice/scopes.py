"""The scopes that an app may ask for, in the words of the consent page."""

SCOPES = {
    "offline_access": "Keep access while you are away",
    "openid": "Know who you are",
    "profile": "See your name",
    "email": "See your email address",
    "accounting.contacts": "View and manage your contacts",
    "accounting.contacts.read": "View your contacts",
    "accounting.invoices": "View and manage your invoices",
    "accounting.invoices.read": "View your invoices",
    "accounting.payments": "View and manage your payments",
    "accounting.payments.read": "View your payments",
    "accounting.settings": "View and manage your organisation settings",
    "accounting.settings.read": "View your organisation settings",
}
