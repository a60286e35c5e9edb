"""How people's rights are put in words on pages."""
