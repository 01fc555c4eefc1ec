"""Reading the images of a set once each: on all cores, unchanged ones from the cache."""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from bespoke_gui.core.background import ring
from bespoke_gui.core.border import border_of, colour_words
from bespoke_gui.core.dataset import Item
from bespoke_gui.core.errors import AppError, problem_from
from bespoke_gui.core.health.cache import FactsCache, stamp
from bespoke_gui.core.health.facts import ImageFacts, Unreadable, pack_cells
from bespoke_gui.core.imagefile import Picture, load_bytes, read_bytes, read_rgb, to_rgb
from bespoke_gui.core.pixels.codes import pack, unpack
from bespoke_gui.core.pixels.colours import unique_colours
from bespoke_gui.core.pixels.grid import detect
from bespoke_gui.core.pixels.likely import Likely, likely_native
from bespoke_gui.core.pixels.oklab import srgb_to_oklab
from bespoke_gui.core.prepared.pool import run_jobs

Progress = Callable[[int, int, str], None]
Cancelled = Callable[[], bool]
Found = ImageFacts | Unreadable
Job = tuple[str, str, int]

COARSE = 24  # cells along the longer side of the look at an image without a grid
MOST_STRAYS = 64  # cells off the grid whose place is kept
ASKED = 5  # images that are searched for the native size of the whole set


def read_set(
    items: Sequence[Item],
    native: int = 0,
    cache: FactsCache | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> list[Found]:
    """Return what is known about each image, in the order of `items`.

    native: cells along the longer side, 0 when not known: then some images are asked first. An
    image that cannot be read is `Unreadable` and the rest goes on. Raises AppError with kind
    "cancelled" when `cancelled()` says so.
    """
    paths = {item.name: item.image for item in items}
    return read_paths(paths, native, cache, progress, cancelled)


def read_paths(
    images: Mapping[str, Path],
    native: int = 0,
    cache: FactsCache | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> list[Found]:
    """Do what `read_set` does with files by name."""
    native = native or usual_native(list(images.values()))
    stamps = {name: stamp(path, native) for name, path in images.items()} if cache else {}
    known = cache.read(stamps) if cache else {}
    jobs = [(name, str(path), native) for name, path in images.items() if name not in known]
    fresh: dict[str, Found] = {}
    with contextlib.closing(run_jobs(read_image, jobs)) as results:
        for done, found in enumerate(results, len(known) + 1):
            stop_if(cancelled)
            fresh[found.name] = found
            if progress is not None:
                progress(done, len(images), found.name)
    if cache is not None:
        cache.write(stamps, [found for found in fresh.values() if isinstance(found, ImageFacts)])
    return [known.get(name) or fresh[name] for name in images]


def stop_if(cancelled: Cancelled | None) -> None:
    """Raise AppError (kind "cancelled") when somebody wants the work to end."""
    if cancelled is not None and cancelled():
        raise AppError("cancelled", kind="cancelled")


def usual_native(paths: Sequence[Path]) -> int:
    """Return the native size that most of a few images of a set have, 0 when they have none."""
    if not paths:
        return 0
    places = np.linspace(0, len(paths) - 1, min(ASKED, len(paths))).round().astype(int)
    sizes = Counter(_searched([paths[place] for place in dict.fromkeys(places.tolist())]))
    return sizes.most_common(1)[0][0] if sizes else 0


def _searched(paths: Sequence[Path]) -> Iterator[int]:
    for path in paths:
        with contextlib.suppress(AppError):
            grid = detect(read_rgb(path))
            if grid.verdict == "pixel_art":
                yield max(grid.columns, grid.rows)


def read_image(job: Job) -> Found:
    """Read one image: (name, path, likely native size or 0). Never raises for a bad file."""
    name, path, native = job
    try:
        data = read_bytes(Path(path))
        picture = load_bytes(data, Path(path))
    except AppError as error:
        return Unreadable(name, problem_from(error, "unreadable_image", name))
    rgb = to_rgb(picture.image)
    facts = _facts(name, picture, rgb, likely_native(rgb, native))
    return replace(facts, sha256=hashlib.sha256(data).hexdigest())


def _facts(name: str, picture: Picture, rgb: np.ndarray, found: Likely) -> ImageFacts:
    cells = _coarse(rgb) if found.cells is None else found.cells
    colours = unique_colours(rgb)
    border = border_of(cells)
    return ImageFacts(
        name=name,
        sha256="",
        width=rgb.shape[1],
        height=rgb.shape[0],
        stored=(picture.info.width, picture.info.height),
        format=picture.info.format,
        mode=picture.info.mode,
        transparent=_transparent(picture.image),
        has_grid=found.cells is not None,
        columns=cells.shape[1],
        rows=cells.shape[0],
        grid_score=found.grid.score,
        off_cells=len(found.strays),
        off_pixels=found.off_pixels,
        off_where=tuple((cell.column, cell.row) for cell in found.strays[:MOST_STRAYS]),
        file_colours=colours,
        colours=colours if found.cells is None else unique_colours(cells),
        brightness=round(float(srgb_to_oklab(cells)[..., 0].mean()), 4),
        background=_words(border.lab.round(3).tobytes()),
        background_code=_code(cells, border.lab),
        background_share=round(border.share, 4),
        packed=pack_cells(cells),
        problems=tuple(replace(problem, file=name) for problem in picture.info.problems),
    )


def _code(cells: np.ndarray, lab: np.ndarray) -> int:
    """Return the colour of the border that is nearest to its main colour."""
    codes = np.unique(ring(pack(cells)[..., None]))
    apart = np.square(srgb_to_oklab(unpack(codes)) - lab).sum(axis=-1)
    return int(codes[apart.argmin()])


@lru_cache(maxsize=4096)
def _words(lab: bytes) -> str:
    """Return the words for an OKLab colour; sets have few backgrounds, and naming takes time."""
    return colour_words(np.frombuffer(lab))


def _coarse(rgb: np.ndarray) -> np.ndarray:
    height, width = rgb.shape[:2]
    scale = min(1.0, COARSE / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BOX))


def _transparent(image: Image.Image) -> float:
    if image.mode != "RGBA":
        return 0.0
    alpha = np.asarray(image.getchannel("A"))
    return float((alpha < 255).mean())
