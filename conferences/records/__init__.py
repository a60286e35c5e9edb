"""The bridges' call records: one room per format, and `intake`, the one way into the database."""
