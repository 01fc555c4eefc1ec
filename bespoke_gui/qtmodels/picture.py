"""Picture: one image of the set with what is known about its pixels, read in the background."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

if TYPE_CHECKING:
    import numpy as np


_loading = threading.Lock()


@dataclass(frozen=True)
class Picture:
    """An image file. `native` is null when no grid was found; `off_grid` counts the file's
    pixels that the native image does not explain; colours are unique ones."""

    path: Path
    file: QImage
    native: QImage
    off_grid: int
    colours: int
    native_colours: int

    @property
    def has_native(self) -> bool:
        """Whether a native image is known and smaller than the file."""
        return not self.native.isNull() and self.native.size() != self.file.size()

    @property
    def is_exact(self) -> bool:
        """Whether the file is its native image enlarged, and nothing else."""
        return not self.native.isNull() and self.off_grid == 0


def read_picture(path: Path, native_size: int) -> Picture:
    """Read a file and recover its native image; raises AppError for an unreadable file."""
    import numpy as np

    from bespoke_gui.core.imagefile import open_image, to_rgb
    from bespoke_gui.core.pixels.colours import unique_colours

    image = open_image(path)
    rgb = to_rgb(image)
    cells, off = _native(rgb, native_size)
    native = QImage() if cells is None else to_qimage(cells)
    found = 0 if cells is None else unique_colours(cells)
    return Picture(path, to_qimage(np.asarray(image)), native, off, unique_colours(rgb), found)


def to_qimage(pixels: np.ndarray) -> QImage:
    """Turn uint8 (height, width, 3 or 4) into a QImage that owns its bytes."""
    height, width, channels = pixels.shape
    formats = {3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBA8888}
    data = pixels.tobytes()
    return QImage(data, width, height, width * channels, formats[channels]).copy()


def _native(rgb: np.ndarray, native_size: int) -> tuple[np.ndarray | None, int]:
    """Return cells and off-grid pixels: on the project's own grid if it fits, else a found one."""
    from bespoke_gui.core.downsample import DOWNSAMPLERS
    from bespoke_gui.core.pixels.grid import detect, known_native
    from bespoke_gui.core.pixels.native import off_grid, to_native

    with _loading:
        # A registry fills itself on first use, which two threads must not do at once.
        len(DOWNSAMPLERS)
    height, width = rgb.shape[:2]
    total = height * width
    grids = []
    if max(width, height) >= native_size:
        grids.append(known_native(width, height, native_size))
    best: tuple[np.ndarray | None, int] = (None, total)
    for grid in grids:
        cells = to_native(rgb, grid)
        best = (cells, sum(cell.pixels for cell in off_grid(rgb, grid, cells)))
    if best[0] is None or best[1] > total // 50:
        grid = detect(rgb)
        if grid.verdict != "pixel_art":
            return None, 0
        cells = to_native(rgb, grid)
        best = (cells, sum(cell.pixels for cell in off_grid(rgb, grid, cells)))
    return best
