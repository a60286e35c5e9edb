"""What is typed about conferences."""
