"""What customers type about conferences."""
