"""Invoices, payments, credit notes and overpayments of Practice Xero."""
