"""Picture for a model: native pixels enlarged by a whole factor, or the image as it is."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from bespoke_gui.core.imagefile import open_image, to_rgb
from bespoke_gui.core.pixels.grid import Grid, detect, known_native
from bespoke_gui.core.pixels.native import off_grid, to_native
from bespoke_gui.core.suggest.options import NATIVE

EDGE = 480
"""Longer edge that native pixels are enlarged to, at most; vision models see 24 px badly."""

MOST = 2048
"""Longer edge of an original, at most; endpoints shrink larger ones anyway."""


STRAYS = 50
"""A grid is taken when at most one pixel in this many is not of its cell's colour."""


def for_model(path: Path, native_size: int, kind: str = NATIVE) -> Image.Image:
    """Return the RGB picture a model is shown.

    "native": one pixel a cell where the image has such a grid, then enlarged by the largest whole
    factor that fits EDGE, nearest; an image without a grid is shown as it is. Transparency is laid
    over white. Raises AppError when the file cannot be read.
    """
    image = Image.fromarray(to_rgb(open_image(path)))
    if kind == NATIVE:
        image = _native(image, native_size) or image
        return enlarged(image)
    return _shrunk(image)


def png_bytes(image: Image.Image) -> bytes:
    """Return the picture as PNG, without any of the file's notes (place, camera, prompts)."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=False)
    return buffer.getvalue()


def enlarged(image: Image.Image) -> Image.Image:
    """Return the picture enlarged by a whole factor; one too large for that is shrunk to MOST."""
    factor = EDGE // max(image.size)
    if factor < 2:
        return _shrunk(image)
    size = (image.width * factor, image.height * factor)
    return image.resize(size, Image.Resampling.NEAREST)


def _native(image: Image.Image, native_size: int) -> Image.Image | None:
    """Return one pixel a cell: on the project's own grid if it fits, else on a found one."""
    rgb = np.asarray(image)
    grids = [known_native(*image.size, native_size)] if max(image.size) > native_size > 0 else []
    for grid in (*grids, None):
        grid = grid or detect(rgb)
        cells = to_native(rgb, grid) if grid.verdict == "pixel_art" else None
        if cells is not None and _explains(cells, grid, rgb):
            return Image.fromarray(cells)
    return None


def _explains(cells: np.ndarray, grid: Grid, rgb: np.ndarray) -> bool:
    strays = sum(cell.pixels for cell in off_grid(rgb, grid, cells))
    return strays * STRAYS <= rgb.shape[0] * rgb.shape[1]


def _shrunk(image: Image.Image) -> Image.Image:
    if max(image.size) <= MOST:
        return image
    smaller = image.copy()
    smaller.thumbnail((MOST, MOST), Image.Resampling.LANCZOS)
    return smaller
