"""What changed in Xero: heard by webhooks (`inbox`, `changes`), a poll and a nightly walk (`passes`).

Each only refreshes the copies of links, and says where they differ from ours (`copies`), and what was paid on sales
(`invoices/`). No field of ours changes.
"""
