"""Whether the books are right, asked of the bare tables by code that shares nothing with billing.

Each room holds `CHECKS`, invariants about one noun; nothing here imports from the rest of billing.
"""
