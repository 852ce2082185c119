"""Where a linked contact differs from Xero's: use Xero's values, or send ours to many at once."""
