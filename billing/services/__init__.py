"""The verbs of billing, split by noun: runs, issue, documents, delivery, ledger, collect, sweep."""
