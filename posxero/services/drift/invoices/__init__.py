"""What Xero says of invoices: payments and credit on sales, what is not ours, and the balances of contacts."""
