"""The connection to Xero: consent, choice of an organisation, tokens and their refresh."""
