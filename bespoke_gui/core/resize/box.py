"""Resize method `box`: the mean of the area under each pixel."""

from bespoke_gui.core.resize._filters import register_filter

register_filter(
    "box",
    "Box (area)",
    "Exact at integer factors; elsewhere mixes colours where cells meet.",
)
