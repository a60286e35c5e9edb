"""What is done about accounts, by noun."""
