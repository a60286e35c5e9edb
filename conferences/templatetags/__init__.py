"""How calls are put in words on pages."""
