"""What recordings are made of: their sound, where it lies, which part is heard, what is told."""
