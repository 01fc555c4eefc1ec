"""Pixel art: finding the native grid, reading its cells, counting and comparing colours."""
