"""Prints what finding the grid and reading native pixels costs, per image and without decoding.

Beside it, in the same run: one colour a cell by a plain numpy loop, and Pillow's nearest and box
resize, which know the grid and undo no damage. Process time, the best of three rounds.

Run: python tests/bench/bench_native.py [FOLDER OF IMAGES]
"""

import io
import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as bespoke_gui does, before numpy is loaded

import numpy as np
from PIL import Image, ImageFilter

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from bespoke_gui.core.imagefile import read_rgb  # noqa: E402
from bespoke_gui.core.pixels.grid import detect, full_frame  # noqa: E402
from bespoke_gui.core.pixels.gridtype import Grid  # noqa: E402
from bespoke_gui.core.pixels.native import off_grid, to_native  # noqa: E402

PUNKS = ROOT.parent / "shared" / "data" / "punks" / "train_512px"
CELLS = 24


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file)


def noisy(image: Image.Image, sigma: float) -> np.ndarray:
    values = np.asarray(image) + np.random.default_rng(7).normal(0, sigma, np.shape(image))
    return np.clip(values, 0, 255).round().astype(np.uint8)


VERSIONS: dict[str, Callable[[Image.Image], object]] = {
    "512 as drawn": lambda image: image,
    "256 lanczos": lambda image: image.resize((256, 256), Image.Resampling.LANCZOS),
    "512 blur 2": lambda image: image.filter(ImageFilter.GaussianBlur(2)),
    "512 jpeg 75": lambda image: jpeg(image, 75),
    "512 noise 8": lambda image: noisy(image, 8),
    "511 cropped": lambda image: image.resize((545, 545)).crop((9, 9, 521, 521)),
}


def best(work: Callable[[np.ndarray], object], pictures: list[np.ndarray]) -> float:
    """Return the least process time of three rounds, ms an image."""
    return round(1000 * min(_round(work, pictures) for _ in range(3)) / len(pictures), 3)


def _round(work: Callable[[np.ndarray], object], pictures: list[np.ndarray]) -> float:
    start = time.process_time()
    for picture in pictures:
        work(picture)
    return time.process_time() - start


def known(rgb: np.ndarray) -> Grid:
    return full_frame(rgb.shape[1], rgb.shape[0], CELLS, CELLS)


def unknown_grid(rgb: np.ndarray) -> np.ndarray:
    return to_native(rgb, detect(rgb))


def known_grid(rgb: np.ndarray) -> np.ndarray:
    return to_native(rgb, known(rgb))


def known_and_judged(rgb: np.ndarray) -> object:
    return off_grid(rgb, known(rgb), known_grid(rgb))


def plain_loop(rgb: np.ndarray) -> np.ndarray:
    """The median of each whole cell, cell by cell."""
    edges = np.linspace(0, len(rgb), CELLS + 1).round().astype(int)
    spans = list(itertools.pairwise(edges))
    return np.array([[np.median(rgb[a:b, c:d], axis=(0, 1)) for c, d in spans] for a, b in spans])


def pillow(filter_: Image.Resampling) -> Callable[[np.ndarray], object]:
    return lambda rgb: Image.fromarray(rgb).resize((CELLS, CELLS), filter_)


WORKS: dict[str, Callable[[np.ndarray], object]] = {
    "unknown grid": unknown_grid,
    "known grid": known_grid,
    "known grid and pixels off it": known_and_judged,
    "numpy loop, known grid": plain_loop,
    "pillow nearest": pillow(Image.Resampling.NEAREST),
    "pillow box": pillow(Image.Resampling.BOX),
}


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PUNKS
    paths = sorted(folder.glob("*.png"))[::10]
    images = [Image.fromarray(read_rgb(path)) for path in paths]
    for version, change in VERSIONS.items():
        pictures = [np.array(change(image)) for image in images]
        times = {name: best(work, pictures) for name, work in WORKS.items()}
        loop = times["numpy loop, known grid"]
        ratios = {f"loop / {name}": round(loop / times[name], 1) for name in list(WORKS)[:3]}
        print(json.dumps({"bench": version, "images": len(images), "ms": times, **ratios}))


if __name__ == "__main__":
    main()
