"""MONTHS INTO BILLS INTO MONEY: rating, bills, the ledger, collecting."""
