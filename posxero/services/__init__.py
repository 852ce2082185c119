"""Use cases. They own transactions and know nothing of Flask, RQ or HTTP."""
