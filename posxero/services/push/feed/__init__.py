"""Sync activity: what was not sent, what waits and what was done, of every kind that is pushed."""
