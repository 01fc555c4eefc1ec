"""Looking at images: size, native grid, colours, transparency, damage."""

from __future__ import annotations

from pathlib import Path

from bespoke_gui.core.errors import AppError, problem_from
from bespoke_gui.core.imagefile import load, to_rgb
from bespoke_gui.core.imageset.report import Look, Progress, SetReport, collect, named
from bespoke_gui.core.pixels.colours import distinct_colours, unique_colours
from bespoke_gui.core.pixels.grid import detect
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
    data = {
        "width": rgb.shape[1],
        "height": rgb.shape[0],
        "grid": detect(rgb).as_dict(),
        "unique_colours": unique_colours(rgb),
        "distinct_colours": distinct_colours(rgb),
        "format": picture.info.format,
        "mode": picture.info.mode,
        "transparent": picture.image.mode == "RGBA",
        "frames": picture.info.frames,
    }
    return Look(name, data, named(picture.info.problems, name))
