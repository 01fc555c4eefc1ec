"""Resize method `lanczos`: Pillow's Lanczos filter."""

from bespoke_gui.core.resize._filters import register_filter

register_filter(
    "lanczos",
    "Lanczos",
    "Rings: turned 26 colours an image into 1745 in the reference run.",
)
