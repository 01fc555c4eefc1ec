"""Sets of drawn portraits for the tests of dataset health."""

from pathlib import Path

import numpy as np
from PIL import Image

from bespoke_gui.core.dataset import Dataset, scan
from bespoke_gui.core.health.facts import ImageFacts, pack_cells


def drawn(seed: int, colours: int = 12, size: int = 24) -> np.ndarray:
    """Return uint8 (size, size, 3): a plain ground, a face of its own shape, and its own colours.

    Two neighbours differ everywhere, so that the file's grid can be found.
    """
    random = np.random.default_rng(seed)
    palette = random.integers(40, 216, (colours, 3), dtype=np.uint8)
    cells = np.empty((size, size, 3), np.uint8)
    cells[:] = palette[0]
    inner = random.integers(1, colours, (size - 8, size - 8))
    inner.ravel()[: colours - 1] = np.arange(1, colours)
    cells[6:-2, 4:-4] = palette[inner]
    return cells


def write(folder: Path, name: str, cells: np.ndarray, scale: int = 8, caption: str = "x") -> Path:
    """Write an image enlarged by whole pixels, with a caption beside it unless that is empty."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    large = cells.repeat(scale, axis=0).repeat(scale, axis=1)
    Image.fromarray(large).save(path)
    if caption:
        path.with_suffix(".txt").write_text(caption, encoding="utf-8")
    return path


def make_set(folder: Path, count: int = 12) -> Dataset:
    """Write `count` images that have nothing in common and return the set."""
    for seed in range(count):
        write(folder, f"p{seed}.png", drawn(seed))
    return scan(folder)


def facts(name: str, cells: np.ndarray) -> ImageFacts:
    """Return what is known about a native image that was never a file."""
    rows, columns = cells.shape[:2]
    return ImageFacts(
        name=name,
        sha256=name,
        width=columns,
        height=rows,
        stored=(columns, rows),
        format="PNG",
        mode="RGB",
        transparent=0.0,
        has_grid=True,
        columns=columns,
        rows=rows,
        grid_score=1.0,
        off_cells=0,
        off_pixels=0,
        off_where=(),
        file_colours=9,
        colours=9,
        brightness=0.5,
        background="grey",
        background_code=0,
        background_share=1.0,
        packed=pack_cells(cells),
    )
