"""THE GROUND: who is billed."""
