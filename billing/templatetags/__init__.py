"""How bills are put in words."""
