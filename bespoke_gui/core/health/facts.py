"""What is known about one image of a set: file, native cells, colours, background."""

from __future__ import annotations

import zlib
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np

from bespoke_gui.core.errors import Problem
from bespoke_gui.core.pixels.codes import pack

Shape = tuple[int, int]
DAMAGED_SHARE = 0.10  # as in core.prepared.judge: an artist's edit touches a few cells
PLAIN = 0.9
"""From this share of one colour on a border counts as one plain background."""


@dataclass(frozen=True)
class ImageFacts:
    """One image that could be read.

    width, height: pixels of the file, any EXIF turn applied; stored: before it. transparent:
    share of its pixels that are not opaque. has_grid: whether rows x columns are its native
    cells; else they are a coarse look at it, for comparing only. off_pixels: pixels of the file
    that are not of their cell's colour, in off_cells; off_where: (column, row) of the first of
    those. colours: unique ones of the cells, of the file when there is no grid. brightness: mean
    OKLab lightness, 0 to 1. background: words for the main colour of the border, that colour
    0xRRGGBB, and the share of the border that has it.
    """

    name: str
    sha256: str
    width: int
    height: int
    stored: tuple[int, int]
    format: str
    mode: str
    transparent: float
    has_grid: bool
    columns: int
    rows: int
    grid_score: float
    off_cells: int
    off_pixels: int
    off_where: tuple[tuple[int, int], ...]
    file_colours: int
    colours: int
    brightness: float
    background: str
    background_code: int
    background_share: float
    packed: bytes = field(repr=False, default=b"")
    problems: tuple[Problem, ...] = ()

    @property
    def shape(self) -> Shape:
        """Rows and columns of the cells."""
        return self.rows, self.columns

    @property
    def is_damaged(self) -> bool:
        """Whether so many cells hold foreign pixels that the file was resampled or compressed."""
        return self.has_grid and self.off_cells > DAMAGED_SHARE * self.rows * self.columns

    def cells(self) -> np.ndarray:
        """Return uint8 (rows, columns, 3)."""
        flat = np.frombuffer(zlib.decompress(self.packed), np.uint8)
        return flat.reshape(self.rows, self.columns, 3)

    @cached_property
    def colour_counts(self) -> tuple[np.ndarray, np.ndarray]:
        """The colours, int32 codes 0xRRGGBB (n,), ascending, and their cells, int64 (n,)."""
        return np.unique(pack(self.cells()), return_counts=True)

    def as_dict(self) -> dict[str, Any]:
        """Return everything but the cells, as JSON can hold it."""
        problems = [problem.as_dict() for problem in self.problems]
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "packed"}
        return {**plain, "problems": problems}


def pack_cells(cells: np.ndarray) -> bytes:
    """Return uint8 (rows, columns, 3) in as few bytes as is quick: 10,000 sets stay in memory."""
    return zlib.compress(np.ascontiguousarray(cells).tobytes(), 1)


def facts_from(data: dict[str, Any], packed: bytes) -> ImageFacts:
    """Return what `as_dict` wrote; raises TypeError where it is something else."""
    problems = tuple(Problem(**problem) for problem in data["problems"])
    where = tuple((int(column), int(row)) for column, row in data["off_where"])
    stored = (int(data["stored"][0]), int(data["stored"][1]))
    given = {**data, "stored": stored, "off_where": where, "problems": problems}
    return ImageFacts(**given, packed=packed)


@dataclass(frozen=True)
class Unreadable:
    """An image that could not be read, and why."""

    name: str
    problem: Problem

    def as_dict(self) -> dict[str, Any]:
        """Return it as the command line prints it."""
        return asdict(self)
