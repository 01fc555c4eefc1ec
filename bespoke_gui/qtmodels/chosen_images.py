"""Chosen images: a free choice among the images of a gallery, which export takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from bespoke_gui.core.gallery import Gallery, GalleryImage


class ChosenImages(QObject):
    """Names of images, in the order they were chosen; another gallery begins with none."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names: dict[str, None] = {}

    def __contains__(self, image: GalleryImage) -> bool:
        return image.name in self._names

    def __len__(self) -> int:
        return len(self._names)

    def images(self, gallery: Gallery) -> list[GalleryImage]:
        """Return the chosen images of a gallery, in its own order."""
        return [image for image in gallery.images() if image.name in self._names]

    def toggle(self, images: Iterable[GalleryImage]) -> None:
        """Choose images, or none of them where all of them are chosen already."""
        names = {image.name for image in images}
        if names <= self._names.keys():
            self._take({name: None for name in self._names if name not in names})
        else:
            self._take({**self._names, **dict.fromkeys(names)})

    def add(self, images: Iterable[GalleryImage]) -> None:
        """Choose images beside those that are."""
        self._take({**self._names, **dict.fromkeys(image.name for image in images)})

    def clear(self) -> None:
        """Choose nothing."""
        self._take({})

    def _take(self, names: dict[str, None]) -> None:
        if names != self._names:
            self._names = names
            self.changed.emit()
