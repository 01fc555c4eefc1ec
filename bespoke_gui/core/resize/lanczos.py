"""Resize method `lanczos`: Pillow's Lanczos filter."""

from bespoke_gui.core.resize._filters import register_filter

register_filter(
    "lanczos",
    "Lanczos",
    "Blurs and rings at every edge: colours the artist never used, light and dark seams.",
)
