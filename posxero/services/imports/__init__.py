"""Import from Xero or from a file: read everything, match it, ask where a match is ambiguous, add; and undo that.

An import is a row, and the row is its checkpoint. A worker takes it for a slice of
time under a lease (`run`), advances it by a page or a range of rows in each commit, and
releases it; any worker continues from there. Nothing waits in a worker: an import that must
wait says until when (`waiting`), and the sweep finds it again (`lease.due_imports`).

::

    start → reading → matching → (review) → adding → finished
                                               ↘ cancelled, failed
"""
