"""Gallery pair: two pictures to compare, read in the background, with their difference."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from bespoke_gui.qtmodels import gallery_work as work
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.gallery_facts import Swatches, Training, locked_palette, swatches
from bespoke_gui.qtmodels.native_loader import to_qimage
from bespoke_gui.qtmodels.tasks import run_task

if TYPE_CHECKING:
    from bespoke_gui.core.gallery import Gallery, GalleryImage
    from bespoke_gui.qtmodels.gallery_desk import GalleryDesk


@dataclass(frozen=True)
class Compared:
    """Two native pictures: heat is drawn over one of them; words say how far apart they are."""

    left: QImage
    right: QImage
    heat: QImage
    words: str
    left_palette: Swatches
    right_palette: Swatches


class GalleryPair(QObject):
    """The other gallery, where one is chosen, and the pair that is shown.

    compared brings a Compared, failed a sentence; other_changed: another gallery at the right.
    """

    compared = Signal(object)
    failed = Signal(str)
    other_changed = Signal()

    def __init__(self, desk: GalleryDesk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.other: work.OpenedGallery | None = None
        self.unlike: list[str] = []
        self._shown: tuple[GalleryImage | None, GalleryImage | None] = (None, None)
        desk.opened_changed.connect(lambda: self.choose(None))

    @property
    def right(self) -> work.OpenedGallery | None:
        """The gallery of the right picture."""
        return self.other or self._desk.opened

    def choose(self, folder: Path | None) -> None:
        """Take the right picture from another gallery of the project, or from the open one."""
        self.other, self.unlike = None, []
        opened = self._desk.opened
        if folder is None or opened is None:
            self.other_changed.emit()
            return

        def read() -> tuple[work.OpenedGallery, list[str]]:
            other = work.read_gallery(folder)
            return other, _unlike(opened.gallery, other.gallery)

        def done(found: tuple[work.OpenedGallery, list[str]]) -> None:
            if opened is self._desk.opened:
                self.other, self.unlike = found
                self.other_changed.emit()

        run_task(read, done, self._desk.session.show_error, parent=self)

    def show(self, left: GalleryImage | None, right: GalleryImage | None) -> None:
        """Read two pictures; one that is not there is said."""
        self._shown = (left, right)
        mine, theirs = self._desk.opened, self.right
        if left is None or right is None or mine is None or theirs is None:
            self.failed.emit("There is no such picture on both sides")
            return

        training = self._desk.training

        def done(found: Compared) -> None:
            if self._shown == (left, right):
                self.compared.emit(found)

        run_task(
            lambda: compare(left.path, mine, right.path, theirs, training),
            done, lambda error: self.failed.emit(str(error)), parent=self,
        )  # fmt: skip


def compare(
    left: Path, mine: work.OpenedGallery, right: Path, theirs: work.OpenedGallery,
    training: Training,
) -> Compared:  # fmt: skip
    """Read both at their native size and compare them cell by cell; raises AppError."""
    import numpy as np

    from bespoke_gui.core.cell_difference import difference, palette_of
    from bespoke_gui.core.look import Look, read_cells

    one, other = (
        read_cells(
            path,
            Look(of.native_size, of.downsampler, palette=locked_palette(of.downsampler, training)),
        ).cells
        for path, of in ((left, mine), (right, theirs))
    )
    found = difference(one, other)
    heat = np.zeros((1, 1, 4), np.uint8) if found is None else found.heat()
    image = QImage(
        heat.tobytes(), heat.shape[1], heat.shape[0], heat.shape[1] * 4,
        QImage.Format.Format_RGBA8888,
    ).copy()  # fmt: skip
    palettes = [swatches(palette_of(cells)) for cells in (one, other)]
    return Compared(to_qimage(one), to_qimage(other), image, _words(found), *palettes)


def _words(found: object) -> str:
    from bespoke_gui.core.cell_difference import Difference

    if not isinstance(found, Difference):
        return "Native sizes differ: there is no cell by cell difference"
    if not found.changed:
        return "All cells are equal"
    cells = wording.count(found.cells, "cell")
    return (
        f"{found.changed} of {cells} differ, {found.clear} clearly; mean distance {found.mean:.3f}"
    )


def _unlike(one: Gallery, other: Gallery) -> list[str]:
    """Why two galleries cannot be ranked against each other; empty when they were made alike."""
    from bespoke_gui.core.compare import made_unlike

    return [str(one_) for one_ in made_unlike(one, other)]
