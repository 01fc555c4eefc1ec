"""Base models of this computer: what they are, by their headers alone, and their names."""
