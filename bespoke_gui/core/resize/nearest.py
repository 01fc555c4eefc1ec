"""Resize method `nearest`: Pillow's nearest neighbour, straight from the source."""

from bespoke_gui.core.resize._filters import register_filter

register_filter(
    "nearest",
    "Nearest",
    "Keeps the colours; cells become uneven when the sizes do not divide.",
    pixel_true=True,
)
