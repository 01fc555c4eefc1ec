"""Resize method `bilinear`: Pillow's bilinear filter."""

from bespoke_gui.core.resize._filters import register_filter

register_filter(
    "bilinear",
    "Bilinear",
    "Blurs pixel art: colours the artist never used at every edge.",
)
