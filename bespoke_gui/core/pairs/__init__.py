"""Pairs: an image and its caption are added, excluded, renamed and taken away together."""
