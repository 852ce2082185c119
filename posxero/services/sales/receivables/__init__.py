"""What customers owe, beside what Xero says that they owe: the explanation of the difference, and statements."""
