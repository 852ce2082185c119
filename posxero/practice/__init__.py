"""Practice Xero: a local stand-in for Xero, so that everything can be tried without a Xero account.

A separate small app: it imports nothing of the rest of posxero, and nothing imports it. One port serves
Xero's consent page, its identity service, its Accounting API and the pages of its web application.
"""
