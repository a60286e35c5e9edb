"""What is done about conferences: their PINs, dates, recordings and live calls."""
