"""Import from Xero: read everything, match it, ask where a match is ambiguous, add.

An import is a row, and the row is its checkpoint. A worker takes it for a slice of
time under a lease (`run`), brings it forward a page or a chunk a commit, and lets
go; any worker continues from there. Nothing waits in a worker: an import that must
wait says until when (`pausing`) and the sweep finds it again (`due`).

::

    start → reading → matching → (review) → adding → finished
                                               ↘ cancelled, failed
"""
