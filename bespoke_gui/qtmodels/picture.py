"""Picture: one image of the set with what is known about its pixels, read in the background."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

if TYPE_CHECKING:
    import numpy as np


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


def read_picture(path: Path, native_size: int) -> Picture:
    """Read a file and recover its native image; raises AppError for an unreadable file."""
    import numpy as np

    from bespoke_gui.core.imagefile import open_image, to_rgb
    from bespoke_gui.core.pixels.colours import unique_colours
    from bespoke_gui.core.pixels.likely import likely_native

    image = open_image(path)
    rgb = to_rgb(image)
    found_native = likely_native(rgb, native_size)
    cells, off = found_native.cells, found_native.off_pixels
    native = QImage() if cells is None else to_qimage(cells)
    found = 0 if cells is None else unique_colours(cells)
    return Picture(path, to_qimage(np.asarray(image)), native, off, unique_colours(rgb), found)


def to_qimage(pixels: np.ndarray) -> QImage:
    """Turn uint8 (height, width, 3 or 4) into a QImage that owns its bytes."""
    height, width, channels = pixels.shape
    formats = {3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBA8888}
    data = pixels.tobytes()
    return QImage(data, width, height, width * channels, formats[channels]).copy()
