"""What a grid is: cells of a picture, known or measured."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Grid:
    """Cells of a picture, in its pixels. Column k spans offset_x + cell_width * (k, k + 1).

    score: 0 to 1, how well edges sit on the grid lines; verdict: "pixel_art" (>= 0.7),
    "unsure", "not_pixel_art" (< 0.4). Without a grid each pixel is its own cell.
    """

    columns: int
    rows: int
    cell_width: float
    cell_height: float
    offset_x: float
    offset_y: float
    score: float
    verdict: str

    def as_dict(self) -> dict[str, Any]:
        """Return the grid as the command line prints it."""
        return asdict(self)


def full_frame(width: int, height: int, columns: int, rows: int) -> Grid:
    """Return the known grid of `columns` x `rows` cells that fill the picture exactly."""
    return Grid(columns, rows, width / columns, height / rows, 0.0, 0.0, 1.0, "pixel_art")


def known_native(width: int, height: int, native: int) -> Grid:
    """Return the full-frame grid with `native` cells along the longer side, cells square."""
    cell = max(width, height) / native
    return full_frame(width, height, max(1, round(width / cell)), max(1, round(height / cell)))
