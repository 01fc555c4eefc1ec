"""Native images of a whole folder: one PNG pixel for each cell."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from bespoke_gui.core import atomic
from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.imagefile import WHITE, load, to_rgb
from bespoke_gui.core.imageset.report import Look, Progress, SetReport, collect, named
from bespoke_gui.core.pixels.colours import unique_colours
from bespoke_gui.core.pixels.grid import Grid, detect, known_native
from bespoke_gui.core.pixels.native import DEFAULT_METHOD, off_grid, to_native
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
    background: tuple[int, int, int] = WHITE


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


def native_cells(path: Path, wanted: NativeWanted) -> tuple[np.ndarray, Grid, int, list[Problem]]:
    """Return cells (rows, columns, 3), grid, pixels off the grid and what is odd about the file.

    Raises AppError when the file cannot be read or no grid is found.
    """
    picture = load(path)
    rgb = to_rgb(picture.image, wanted.background)
    grid = _grid(path, rgb, wanted.size)
    cells = to_native(rgb, grid, wanted.method)
    strays = sum(cell.pixels for cell in off_grid(rgb, grid, cells))
    if wanted.palette is not None:
        cells = snap(cells, wanted.palette)
    return cells, grid, strays, list(picture.info.problems)


def write_png(path: Path, rgb: np.ndarray) -> None:
    """Write uint8 (height, width, 3) as PNG, atomically, its folder made. Raises AppError."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_bytes(path, encode(rgb))


def _native(job: tuple[str, Path, Path, NativeWanted]) -> Look:
    name, path, target, wanted = job
    try:
        cells, grid, strays, problems = native_cells(path, wanted)
        _write_new(target, cells, path)
    except AppError as error:
        return Look(name, {}, (problem_from(error, "no_native_image", name),))
    if strays:
        message = f"{strays} pixels are not of their cell's colour"
        problems.append(Problem("off_grid_pixels", "info", message, name))
    data = {
        "columns": grid.columns,
        "rows": grid.rows,
        "unique_colours": unique_colours(cells),
        "score": grid.score,
        "off_grid_pixels": strays,
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
