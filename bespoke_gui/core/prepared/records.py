"""What is asked of a prepared set, and what is recorded about each of its images."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from bespoke_gui.core.errors import AppError, Problem

LARGEST = 8192
FITS = ("ask", "uneven", "pad-cells", "pad-pixels")
DECISIONS = ("keep", "flatten", "leave_out")
OFF_GRID = ("ask", *DECISIONS)
Native = int | Literal["auto"]


@dataclass(frozen=True)
class Decision:
    """What a person decided about pixels off the grid, and the hash of the file it was about."""

    action: str
    sha256: str = ""

    def holds(self, sha256: str) -> bool:
        """Say whether it still is the file that was decided about."""
        return not self.sha256 or self.sha256 == sha256


@dataclass(frozen=True)
class Settings:
    """size: px of the longer side; native: cells along the longer side, or "auto".

    fit: what becomes of a size that is no multiple of the cells (see `layout.plan`); off_grid:
    what becomes of images with pixels off the grid that nobody has decided about.
    """

    size: int
    method: str = "pixel"
    native: Native = "auto"
    background: tuple[int, int, int] = (255, 255, 255)
    fit: str = "ask"
    off_grid: str = "ask"

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as the manifest holds them."""
        red, green, blue = self.background
        return {**asdict(self), "background": f"#{red:02x}{green:02x}{blue:02x}"}

    def same_pixels(self, other: Settings) -> bool:
        """Say whether a set made with `other` is the same but for single decisions."""
        return replace(self, off_grid=other.off_grid) == other

    def check(self) -> None:
        """Raise AppError (kind "usage") when a number makes no sense."""
        if not 1 <= self.size <= LARGEST:
            raise AppError(f"the size must be 1 to {LARGEST} pixels, not {self.size}", kind="usage")
        if self.native != "auto" and not 1 <= self.native <= self.size:
            raise AppError(
                f"the native size must be 1 to {self.size} cells, not {self.native}",
                hint="give the cells along the longer side, or auto",
                kind="usage",
            )
        if self.fit not in FITS:
            raise AppError(f"the fit must be one of {', '.join(FITS)}", kind="usage")
        if self.off_grid not in OFF_GRID:
            raise AppError(f"off-grid must be one of {', '.join(OFF_GRID)}", kind="usage")


def settings_from(data: Any) -> Settings | None:
    """Read the settings of a manifest, also of one with fewer; None when they make no sense."""
    try:
        known = {f.name: data[f.name] for f in fields(Settings) if f.name in data}
        red, green, blue = bytes.fromhex(str(known.get("background", "#ffffff")).lstrip("#"))
        settings = Settings(**{**known, "background": (red, green, blue)})
        settings.check()
    except (AppError, ValueError, TypeError):
        return None
    return settings


@dataclass(frozen=True)
class PreparedImage:
    """One image of a prepared set. Names and files are relative, with `/`.

    native_exact: the source lies wholly on its grid, and the written file holds exactly its
    native pixels. off_grid_cells: (column, row, pixels) of cells with pixels of another colour;
    off_grid: what was decided about them, "ask" when nobody had, "" without any. cells_damaged:
    cells of the result, of `columns` x `rows`, that do not show what the artist drew. cell_px:
    px of a cell, 0 where they differ; pad_left, pad_top: px before the first cell.
    """

    name: str
    file: str
    width: int
    height: int
    source_width: int
    source_height: int
    source_sha256: str
    sha256: str
    colours_before: int
    colours_after: int
    native_exact: bool
    note: str = ""
    columns: int = 0
    rows: int = 0
    grid_score: float = 0.0
    native_colours: int = 0
    off_grid_pixels: int = 0
    off_grid_cells: tuple[tuple[int, int, int], ...] = ()
    off_grid: str = ""
    cells_damaged: int = 0
    source_damaged: bool = False
    cell_px: int = 0
    pad_left: int = 0
    pad_top: int = 0
    caption: str = ""
    caption_sha256: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the record as the manifest and the command line hold it."""
        return dict(vars(self))


def image_from(data: Any) -> PreparedImage | None:
    """Read a record of a manifest; None when a field is missing, of a wrong type or unsafe."""
    if not isinstance(data, dict):
        return None
    known = {field.name for field in fields(PreparedImage)}
    try:
        cells = tuple(tuple(cell) for cell in data.get("off_grid_cells", ()))
        image = PreparedImage(
            **{**{k: data[k] for k in data if k in known}, "off_grid_cells": cells}
        )
    except TypeError:
        return None
    texts = (image.name, image.file, image.caption, image.source_sha256, image.sha256)
    if not all(isinstance(text, str) for text in texts):
        return None
    return image if _stays(image.file) and _stays(image.caption) else None


def _stays(file: str) -> bool:
    """Say whether a file named in a manifest lies in its set, wherever the manifest came from."""
    path = Path(file)
    return not path.anchor and ".." not in path.parts


@dataclass(frozen=True)
class Job:
    """One image to prepare. `previous` is its record in an earlier, possibly cut off run."""

    name: str
    source: Path
    out: Path
    file: str
    settings: Settings
    caption: Path | None
    caption_file: str
    previous: PreparedImage | None = None
    decision: Decision | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a job: a record, or problems that say why there is none.

    left_out: the hash of an image that was decided to stay out, else empty.
    """

    name: str
    image: PreparedImage | None = None
    problems: list[Problem] = field(default_factory=list)
    left_out: str = ""
