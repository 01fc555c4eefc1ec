"""What a training size means: cells, buckets, the latent grid, and what it costs."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.prepared.layout import plan

BUCKET_STEP = 64
LATENT = 8
"""Pixels of the picture that one pixel of the latent image stands for (SD 1.5's VAE)."""
BASE = 512
SMALL = 320
"""Pixels of the longer side below which SD 1.5 is far from what it was taught."""
_ASKED = (256, 192)


@dataclass(frozen=True)
class SizeFacts:
    """One size for images of `columns` x `rows` cells. widths: px that cells get.

    buckets: width and height are multiples of 64, so the trainer does not resize again; latent:
    of 8; on_latent: cell edges lie on latent pixels; latent_cell: latent px a cell is wide;
    cost: pixels to compute compared with 512 x 512. padded: the frame is larger than the cells.
    """

    width: int
    height: int
    widths: tuple[int, ...]
    padded: bool
    buckets: bool
    latent: bool
    on_latent: bool
    latent_cell: float
    cost: float

    @property
    def even(self) -> bool:
        """Whether all cells are of one size."""
        return len(self.widths) == 1

    def words(self) -> list[tuple[str, bool]]:
        """Return each fact in a few words, and whether it is as it should be."""
        cells = " or ".join(map(str, self.widths))
        room = ", padded with the edge" if self.padded else ""
        small = ", but SD 1.5 was taught at 512" if max(self.width, self.height) < SMALL else ""
        return [
            (f"{cells} px a cell{room}", self.even),
            (_bucket_words(self), self.buckets),
            (f"{self.latent_cell:.3g} latent px a cell", self.on_latent),
            (f"{100 * self.cost:.0f}% of the cost of {BASE}{small}", not small),
        ]


def size_facts(columns: int, rows: int, size: int, fit: str = "ask") -> SizeFacts | None:
    """Return the facts of a size; None where the cells find no room in it."""
    try:
        layout = plan(columns, rows, size, fit)
    except AppError:
        return None
    if size < max(columns, rows):
        return None
    width, height = layout.width, layout.height
    cell = layout.cell or width / columns
    aligned = layout.cell % LATENT == 0 and layout.cell > 0
    return SizeFacts(
        width,
        height,
        tuple(layout.widths()),
        layout.padded,
        width % BUCKET_STEP == 0 and height % BUCKET_STEP == 0,
        width % LATENT == 0 and height % LATENT == 0,
        aligned and layout.left % LATENT == 0 and layout.top % LATENT == 0,
        cell / LATENT,
        width * height / BASE**2,
    )


def offered_sizes(native: int) -> list[int]:
    """Return sizes to offer: first those that fit cells and buckets, then those people ask for.

    For 24 cells: 384, 576, 768, then 256 and 192.
    """
    step = math.lcm(native, BUCKET_STEP)
    first = -(-SMALL // step) * step
    best = [size for size in range(first, first + 3 * step, step) if size <= 2048]
    return [*best, *(size for size in _ASKED if size not in best and size >= native)]


def _bucket_words(facts: SizeFacts) -> str:
    if facts.buckets:
        return f"Fits buckets of {BUCKET_STEP}"
    fits = f"only with bucket_reso_steps {LATENT}" if facts.latent else "the trainer resizes again"
    return f"No multiple of {BUCKET_STEP}: {fits}"
