"""The name of `push` in jobs that an earlier version enqueued."""

from posxero.jobs.push import push as push_contacts

__all__ = ["push_contacts"]
