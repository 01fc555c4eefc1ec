"""Resize method `bicubic`: Pillow's bicubic filter."""

from bespoke_gui.core.resize._filters import register_filter

register_filter(
    "bicubic",
    "Bicubic",
    "Blurs and rings: about a thousand colours the artist never used.",
)
