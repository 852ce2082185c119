"""What changed in Xero: heard by webhooks (`inbox`, `changes`), a poll and a nightly walk (`passes`).

Each only refreshes the copies of links, and says where they differ from ours (`copies`). No field of ours changes.
"""
