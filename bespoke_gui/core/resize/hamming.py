"""Resize method `hamming`: Pillow's Hamming filter."""

from bespoke_gui.core.resize._filters import register_filter

register_filter(
    "hamming",
    "Hamming",
    "Blurs pixel art a little less than bilinear: new colours at every edge.",
)
