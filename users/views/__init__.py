"""The pages about an account's people."""
