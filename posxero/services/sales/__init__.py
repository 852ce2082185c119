"""On-account sales: charge, void, settings, lists, and what a customer owes."""
