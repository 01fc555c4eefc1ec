"""What a person should know about one prepared image, in words; empty when all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bespoke_gui.core.pixels.gridtype import Grid
from bespoke_gui.core.prepared.layout import Layout
from bespoke_gui.core.prepared.records import Settings
from bespoke_gui.core.resize import RESIZERS

if TYPE_CHECKING:
    from bespoke_gui.core.prepared.judge import Source

_NAMED_CELLS = 6
_DONE = {
    "ask": "each cell keeps its main colour",
    "flatten": "each cell keeps its main colour, as decided",
    "keep": "kept as drawn, as decided",
    "leave_out": "left out, as decided",
}


def no_grid(found: Grid, settings: Settings) -> str:
    """Say why an image was resized without native cells."""
    how = ", resized by nearest neighbour as it is" if settings.method == "pixel" else ""
    if found.verdict == "pixel_art":
        return f"its {found.columns}x{found.rows} cells do not fit into this size{how}"
    return f"no native grid found (score {found.score:.2f}); --native N names it{how}"


def strays(source: Source, action: str, settings: Settings) -> str:
    """Say which pixels are not of their cell's colour and what became of them."""
    wrong = len(source.strays[0])
    if source.damaged:
        share = 100 * wrong / (source.picture.width * source.picture.height)
        return (
            f"the source was resampled or compressed: {share:.0f}% of its pixels are no native "
            f"colour ({source.colours} colours, {source.native_colours} native)"
        )
    cells = source.stray_cells
    named = [f"column {c.column} row {c.row}: {c.pixels}" for c in cells[:_NAMED_CELLS]]
    more = len(cells) - len(named)
    rest = f" and {more} more" if more > 0 else ""
    plain = settings.method != "pixel" and action != "flatten"
    done = f"{settings.method} takes them like the rest" if plain else _DONE[action]
    return (
        f"{count(wrong, 'pixel')} off the grid in {count(len(cells), 'cell')} "
        f"({', '.join(named)}{rest}); {done}"
    )


def written(source: Source, after: int, layout: Layout, settings: Settings) -> str:
    """Say what the method did to the cells."""
    if not RESIZERS[settings.method].pixel_true:
        before = source.native_colours
        return (
            f"{settings.method} turned {before:,} colours into {after:,}" if after > before else ""
        )
    if layout.padded:
        return (
            f"padded with its edge: {layout.columns}x{layout.rows} cells of {layout.cell} px begin "
            f"{layout.left} px from the left and {layout.top} px from the top"
        )
    widths = layout.widths()
    if len(widths) < 2:
        return ""
    return f"cells are {' and '.join(map(str, widths))} px wide; {_even(layout, settings)}"


def _even(layout: Layout, settings: Settings) -> str:
    longer = max(layout.columns, layout.rows)
    below = settings.size // longer * longer
    return f"{below} or {below + longer} would make them even"


def count(number: int, word: str) -> str:
    """Return "1 cell" or "3 cells"."""
    return f"{number} {word}" + ("" if number == 1 else "s")
