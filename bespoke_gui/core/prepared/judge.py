"""Resizing one image and judging the result: is every native pixel still there?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bespoke_gui.core.pixels.colours import unique_colours
from bespoke_gui.core.pixels.grid import Grid, detect, full_frame, known_native
from bespoke_gui.core.pixels.native import OffGridCell, off_grid, to_native
from bespoke_gui.core.prepared.records import Settings
from bespoke_gui.core.resize import RESIZERS
from bespoke_gui.core.resize.pixel import block_sizes, enlarge

_NAMED_CELLS = 6
# An artist's edit touches a few cells; a resampled or JPEG picture is off in a tenth or more.
_DAMAGED_SHARE = 0.10


@dataclass(frozen=True)
class Source:
    """A picture, uint8 (height, width, 3), and its grid as found.

    grid, cells: None where the grid is not sure or its cells do not fit into the size asked for.
    strays: cells with pixels of another colour.
    """

    rgb: np.ndarray
    found: Grid
    grid: Grid | None
    cells: np.ndarray | None
    strays: list[OffGridCell]


def read_source(rgb: np.ndarray, settings: Settings) -> Source:
    """Find or take the grid of `rgb` and read its cells."""
    height, width = rgb.shape[:2]
    if settings.native == "auto":
        found = detect(rgb)
    else:
        found = known_native(width, height, settings.native)
    if found.verdict != "pixel_art" or max(found.columns, found.rows) > settings.size:
        return Source(rgb, found, None, None, [])
    cells = to_native(rgb, found)
    return Source(rgb, found, found, cells, off_grid(rgb, found, cells))


def target_size(source: Source, size: int) -> tuple[int, int]:
    """Return width and height: the longer side is `size`, cells stay square."""
    height, width = source.rgb.shape[:2]
    if source.grid is not None:
        width, height = source.grid.columns, source.grid.rows
    longer = max(width, height)
    return max(1, round(width * size / longer)), max(1, round(height * size / longer))


def resize(source: Source, settings: Settings) -> np.ndarray:
    """Return uint8 (height, width, 3) by the method asked for."""
    size = target_size(source, settings.size)
    if settings.method == "pixel":
        # The cells are read already; without a grid the pixels stay what they are.
        if source.cells is None:
            return RESIZERS["nearest"].run(source.rgb, size, None)
        return enlarge(source.cells, size)
    return RESIZERS[settings.method].run(source.rgb, size, source.grid)


def written_exact(source: Source, written: np.ndarray) -> bool:
    """Say whether `written` holds exactly the source's native pixels, each as one block."""
    if source.cells is None:
        return False
    height, width = written.shape[:2]
    if np.array_equal(written, enlarge(source.cells, (width, height))):
        return True
    rows, columns = source.cells.shape[:2]
    grid = full_frame(width, height, columns, rows)
    if not np.array_equal(to_native(written, grid), source.cells):
        return False
    # A plain nearest resize may put a line one pixel off without losing a cell.
    return not off_grid(written, grid, source.cells, slack=1.0)


def note(source: Source, written: np.ndarray, settings: Settings) -> str:
    """Say in words what a person should know about this image; empty when all is well."""
    parts = [_source_note(source, settings), _written_note(source, written, settings)]
    return "; ".join(part for part in parts if part)


def _source_note(source: Source, settings: Settings) -> str:
    if source.cells is None:
        how = ", resized by nearest neighbour as it is" if settings.method == "pixel" else ""
        return f"{_no_grid(source.found)}{how}"
    if not source.strays:
        return ""
    wrong = sum(cell.pixels for cell in source.strays)
    if is_damaged(source):
        share = 100 * wrong / source.rgb[..., 0].size
        return (
            f"the source was resampled or compressed: {share:.0f} % of its pixels are no native "
            f"colour ({unique_colours(source.rgb)} colours, {unique_colours(source.cells)} native)"
        )
    named = [f"column {c.column} row {c.row}: {c.pixels}" for c in source.strays[:_NAMED_CELLS]]
    more = len(source.strays) - len(named)
    rest = f" and {more} more" if more > 0 else ""
    return (
        f"{_count(wrong, 'pixel')} off the grid in {_count(len(source.strays), 'cell')} "
        f"({', '.join(named)}{rest}); each cell keeps its main colour"
    )


def _no_grid(found: Grid) -> str:
    if found.verdict == "pixel_art":
        return f"its {found.columns}x{found.rows} cells do not fit into this size"
    return f"no native grid found (score {found.score:.2f}); --native N names it"


def is_damaged(source: Source) -> bool:
    """Say whether so many cells hold foreign pixels that no artist drew them."""
    cells = source.cells
    return cells is not None and len(source.strays) > _DAMAGED_SHARE * cells[..., 0].size


def _written_note(source: Source, written: np.ndarray, settings: Settings) -> str:
    if source.cells is None:
        return ""
    if not RESIZERS[settings.method].pixel_true:
        before, after = unique_colours(source.cells), unique_colours(written)
        return f"{settings.method} made {before} colours {after}" if after > before else ""
    rows, columns = source.cells.shape[:2]
    widths = sorted({*block_sizes(columns, written.shape[1]), *block_sizes(rows, written.shape[0])})
    if len(widths) < 2:
        return ""
    return f"cells are {' and '.join(map(str, widths))} px wide; {_even(columns, rows, settings)}"


def _even(columns: int, rows: int, settings: Settings) -> str:
    longer = max(columns, rows)
    below = settings.size // longer * longer
    return f"{below} or {below + longer} would make them even"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")
