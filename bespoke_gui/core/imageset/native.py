"""Native images of a whole folder: one PNG pixel for each cell."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from bespoke_gui.core import atomic
from bespoke_gui.core.downsample import DOWNSAMPLERS
from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.imagefile import load, over_foreign
from bespoke_gui.core.imageset.report import Look, Progress, SetReport, collect, named
from bespoke_gui.core.pixels.colours import unique_colours
from bespoke_gui.core.pixels.grid import Grid, detect, known_native
from bespoke_gui.core.pixels.native import DEFAULT_METHOD, needed, off_grid_pixels
from bespoke_gui.core.pixels.palette import snap
from bespoke_gui.core.prepared.one import encode
from bespoke_gui.core.prepared.pool import run_jobs

Size = int | Literal["auto"]


@dataclass(frozen=True)
class NativeWanted:
    """How images are brought to native size; palette: uint8 (n, 3) or None."""

    size: Size = "auto"
    method: str = DEFAULT_METHOD
    palette: np.ndarray | None = None


@dataclass(frozen=True)
class Native:
    """cells: uint8 (rows, columns, 3), or 4 with transparency; strays: pixels off the grid."""

    cells: np.ndarray
    grid: Grid
    strays: int
    problems: tuple[Problem, ...]

    @property
    def colours(self) -> int:
        """How many colours are seen: of a cell wholly transparent there is none."""
        cells = self.cells
        return unique_colours(cells if cells.shape[2] == 3 else cells[cells[..., 3] > 0][:, :3])


def native_images(
    images: dict[str, Path],
    targets: dict[str, Path],
    wanted: NativeWanted,
    progress: Progress | None = None,
) -> SetReport:
    """Write the native image of each of `images` to its target, a PNG file.

    An image that cannot be read or has no sure grid is a problem and the rest goes on; a target
    that holds something else already is one too.
    """
    jobs = [(name, path, targets[name], wanted) for name, path in images.items()]
    return collect(run_jobs(_native, jobs), len(jobs), progress)


def native_cells(path: Path, wanted: NativeWanted) -> Native:
    """Return the native image of a file, its grid and what is odd about it.

    Raises AppError when the file cannot be read or no grid is found.
    """
    picture = load(path)
    rgb = over_foreign(picture.image)
    grid = _grid(path, rgb, wanted.size)
    method = DOWNSAMPLERS[wanted.method]
    if method.locks:
        needed(wanted.palette, method.name)
    cells = method.run(rgb, grid)
    strays = len(off_grid_pixels(rgb, grid, cells)[0])
    if picture.image.mode == "RGBA":
        rgba = np.array(picture.image)
        cells = method.run(rgba[..., :3], grid)
        alpha = method.run(rgba[..., 3:].repeat(3, axis=2), grid)[..., :1]
        cells = np.concatenate([np.where(alpha > 0, cells, 0), alpha], axis=2)
    if wanted.palette is not None:
        cells = np.concatenate([snap(cells[..., :3], wanted.palette), cells[..., 3:]], axis=2)
    return Native(cells, grid, strays, picture.info.problems)


def write_png(path: Path, rgb: np.ndarray) -> None:
    """Write uint8 (height, width, 3 or 4) as PNG, atomically, its folder made. Raises AppError."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_bytes(path, encode(rgb))


def _native(job: tuple[str, Path, Path, NativeWanted]) -> Look:
    name, path, target, wanted = job
    try:
        native = native_cells(path, wanted)
        _write_new(target, native.cells, path)
    except AppError as error:
        return Look(name, {}, (problem_from(error, "no_native_image", name),))
    problems = list(native.problems)
    if native.strays:
        message = f"{native.strays} pixels are not of their cell's colour"
        problems.append(Problem("off_grid_pixels", "info", message, name))
    data = {
        "columns": native.grid.columns,
        "rows": native.grid.rows,
        "unique_colours": native.colours,
        "transparent": native.cells.shape[2] == 4,
        "score": native.grid.score,
        "off_grid_pixels": native.strays,
        "file": target.as_posix(),
    }
    return Look(name, data, named(problems, name))


def _write_new(target: Path, cells: np.ndarray, source: Path) -> None:
    if target.resolve() == source.resolve():
        raise AppError("would be overwritten", file=source, hint="name another output")
    if target.exists() and target.read_bytes() != encode(cells):
        raise AppError("is there already and differs", file=target, hint="name a new folder")
    write_png(target, cells)


def _grid(path: Path, rgb: np.ndarray, size: Size) -> Grid:
    height, width = rgb.shape[:2]
    if size != "auto":
        return known_native(width, height, size)
    grid = detect(rgb)
    if grid.verdict != "pixel_art":
        words = "is not pixel art" if grid.verdict == "not_pixel_art" else "has no sure grid"
        hint = "give --size N if you know its native size"
        raise AppError(f"{words} (score {grid.score:.2f})", file=path, hint=hint)
    return grid
