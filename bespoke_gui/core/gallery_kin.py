"""Kin of a gallery's images: the same prompt one epoch earlier, and under other seeds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bespoke_gui.core.gallery import NO_EPOCH, Gallery, GalleryImage
from bespoke_gui.core.pixels.oklab import srgb_to_oklab


class Kin:
    """Finds kin and keeps their OKLab; `cells`: name -> uint8 (rows, columns, 3)."""

    def __init__(self, gallery: Gallery, cells: Mapping[str, np.ndarray]) -> None:
        self._gallery, self._cells = gallery, cells
        self._labs: dict[str, np.ndarray] = {}
        epochs = gallery.epochs
        self._before = dict(zip(epochs[1:], epochs[:-1], strict=True))

    def previous(self, image: GalleryImage) -> np.ndarray | None:
        """Return the same prompt and seed in the epoch before, None where none is.

        OKLab, float32 (rows, columns, 3).
        """
        before = self._before.get(image.epoch)
        if before is None:
            return None
        return self._lab(self._gallery.cells.get((before, image.prompt, image.seed)))

    def siblings(self, image: GalleryImage) -> list[np.ndarray]:
        """Return OKLab, float32 (rows, columns, 3), of the same prompt and epoch, other seeds."""
        if image.epoch == NO_EPOCH:
            return []
        keys = ((image.epoch, image.prompt, s) for s in self._gallery.seeds if s != image.seed)
        found = (self._lab(self._gallery.cells.get(key)) for key in keys)
        return [lab for lab in found if lab is not None]

    def _lab(self, image: GalleryImage | None) -> np.ndarray | None:
        if image is None or image.name not in self._cells:
            return None
        if image.name not in self._labs:
            self._labs[image.name] = srgb_to_oklab(self._cells[image.name])
        return self._labs[image.name]
