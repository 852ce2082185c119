"""The three ways in which an item reaches Xero: it is verified, updated or created."""
