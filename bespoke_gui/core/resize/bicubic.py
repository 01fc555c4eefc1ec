"""Resize method `bicubic`: Pillow's bicubic filter."""

from bespoke_gui.core.resize._filters import register_filter

register_filter(
    "bicubic",
    "Bicubic",
    "Blurs and rings a little: colours the artist never used at every edge.",
)
