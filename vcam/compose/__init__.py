"""What is put into the picture beside person and background."""
