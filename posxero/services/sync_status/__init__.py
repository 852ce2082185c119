"""How a business and each of its contacts stand with Xero: connection, badges and their counts."""
