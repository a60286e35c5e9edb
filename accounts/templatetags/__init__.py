"""How money, dates and names are written on pages: one filter each."""
