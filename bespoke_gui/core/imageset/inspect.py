"""Looking at images: size, native grid, colours, transparency, damage."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bespoke_gui.core.errors import AppError, problem_from
from bespoke_gui.core.imagefile import load, over_foreign, to_rgb
from bespoke_gui.core.imageset.report import Look, Progress, SetReport, collect, named
from bespoke_gui.core.pixels.colours import distinct_colours, unique_colours
from bespoke_gui.core.pixels.grid import Grid, detect
from bespoke_gui.core.pixels.native import DAMAGED_SHARE, cells_of, off_grid_pixels, to_native
from bespoke_gui.core.prepared.pool import run_jobs


def inspect_images(images: dict[str, Path], progress: Progress | None = None) -> SetReport:
    """Return size, grid, colours, alpha and oddities of every image; damage is a problem."""
    return collect(run_jobs(_inspect, list(images.items())), len(images), progress)


def _inspect(job: tuple[str, Path]) -> Look:
    name, path = job
    try:
        picture = load(path)
    except AppError as error:
        return Look(name, {}, (problem_from(error, "unreadable_image", name),))
    rgb = to_rgb(picture.image)
    grid, strays = _grid(over_foreign(picture.image))
    data = {
        "width": rgb.shape[1],
        "height": rgb.shape[0],
        "grid": grid.as_dict(),
        "unique_colours": unique_colours(rgb),
        "distinct_colours": distinct_colours(rgb),
        "format": picture.info.format,
        "mode": picture.info.mode,
        "transparent": picture.image.mode == "RGBA",
        "frames": picture.info.frames,
        **strays,
    }
    return Look(name, data, named(picture.info.problems, name))


def _grid(rgb: np.ndarray) -> tuple[Grid, dict[str, Any]]:
    """Return the grid and, where it is sure, the pixels off it.

    off_grid_pixels: how many; off_grid: cells with a colour that an artist drew off the grid and
    the places [x, y] of those pixels. Where many cells have some the image is damaged and
    off_grid is empty.
    """
    grid = detect(rgb)
    if grid.verdict != "pixel_art":
        return grid, {}
    ys, xs = off_grid_pixels(rgb, grid, to_native(rgb, grid))
    found = cells_of(ys, xs, grid, (rgb.shape[1], rgb.shape[0]))
    drawn = len(found) <= DAMAGED_SHARE * grid.columns * grid.rows
    return grid, {
        "off_grid_pixels": len(ys),
        "off_grid": [asdict(cell) for cell in found] if drawn else [],
        "off_grid_places": np.stack([xs, ys], axis=1).tolist() if drawn else [],
    }
