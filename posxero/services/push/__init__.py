"""Push to Xero what a business owes: one engine, and a kind for each sort of item."""
