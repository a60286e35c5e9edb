"""What is done about people, by noun."""
