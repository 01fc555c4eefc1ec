"""Gallery bar: which gallery, measure, seed, downsampler and zoom; import and export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from bespoke_gui.qtmodels.gallery_work import OpenedGallery
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.gallery_grid import ZOOMS
from bespoke_gui.views.widgets.parts import button, row

ALL_SEEDS = "all"
NARROWEST = 560


class GalleryBar(QWidget):
    """The choices above the grid."""

    gallery_chosen = Signal(object)
    measure_chosen = Signal()
    seed_chosen = Signal(object)
    downsampler_chosen = Signal(str)
    zoom_chosen = Signal(int)
    import_wanted = Signal()
    export_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make_boxes()
        self._connect()
        bring = button("Import…", "Copy a folder of images by epoch into the project", "", "open")
        bring.clicked.connect(self.import_wanted)
        save = button("Export…", "Save a report, a collage or all figures", "", "download")
        save.clicked.connect(self.export_wanted)
        self._choices, self._files = QWidget(), QWidget()
        self._choices.setLayout(row(self.measures, self.seeds, self.downsamplers, self.zoom, None))
        self._files.setLayout(row(bring, save))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(14, 10, 14, 10)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(self.galleries, 0, 0)
        self._grid.addWidget(self._files, 0, 2)
        self._grid.addWidget(self._choices, 0, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the choices into a row of their own where one row is too narrow for all."""
        super().resizeEvent(event)
        place = (0, 1, 1, 1) if self.width() >= self._one_row() else (1, 0, 1, 3)
        if self._grid.getItemPosition(self._grid.indexOf(self._choices)) != place:
            self._grid.addWidget(self._choices, *place)

    def _one_row(self) -> int:
        """Return how wide a row with everything in it is."""
        parts = (self.galleries, self._choices, self._files)
        margins = self._grid.contentsMargins()
        gaps = margins.left() + margins.right() + 2 * self._grid.horizontalSpacing()
        return sum(part.sizeHint().width() for part in parts) + gaps

    def minimumSizeHint(self) -> QSize:
        return QSize(NARROWEST, super().minimumSizeHint().height())

    def show_galleries(self, folders: Sequence[Path], current: Path | None) -> int:
        """Offer these galleries; return the place of `current` among them, or -1."""
        entries = [(folder.name, folder) for folder in folders]
        fill(self.galleries, entries, current)
        return folders.index(current) if current is not None and current in folders else -1

    def mark_gallery(self, name: str) -> None:
        """Show the gallery of that name as the open one."""
        index = self.galleries.findText(name)
        if index >= 0:
            self.galleries.setCurrentIndex(index)

    def show_opened(self, opened: OpenedGallery, measure: str) -> None:
        """Offer the measures, seeds and downsamplers of a gallery."""
        fill(self.measures, [(m.title, m.name) for m in opened.measures], measure)
        fill(self.downsamplers, [(t, n) for n, t, _ in opened.downsamplers], opened.downsampler)
        seeds = opened.gallery.seeds
        entries: list[tuple[str, object]] = [(seed_words(seed), seed) for seed in seeds]
        if len(seeds) > 1:
            entries.append(("All seeds", ALL_SEEDS))
        fill(self.seeds, entries, entries[0][1] if entries else None)
        self.seeds.setVisible(len(seeds) > 1)

    def show_zoom(self, side: int) -> None:
        """Show how large a cell is, in px."""
        self.zoom.setCurrentIndex(self.zoom.findData(side))

    def _make_boxes(self) -> None:
        self.galleries = _box("Gallery", "Which gallery to look at", 164)
        self.measures = _box("Measure", "Figure under each picture", 200)
        self.seeds = _box("Seed", "Which seed to look at", 110)
        self.downsamplers = _box("Downsampler", "How native pixels are read from large ones", 118)
        self.zoom = _box("Zoom", "Size of a cell (+ and −, or Ctrl and the wheel)", 104)
        for side in ZOOMS:
            self.zoom.addItem(f"{side} px", side)

    def _connect(self) -> None:
        data = QComboBox.itemData
        self.galleries.activated.connect(
            lambda place: self.gallery_chosen.emit(data(self.galleries, place))
        )
        self.measures.activated.connect(lambda _: self.measure_chosen.emit())
        self.seeds.activated.connect(lambda place: self.seed_chosen.emit(data(self.seeds, place)))
        self.downsamplers.activated.connect(
            lambda place: self.downsampler_chosen.emit(data(self.downsamplers, place))
        )
        self.zoom.activated.connect(lambda place: self.zoom_chosen.emit(data(self.zoom, place)))


def seed_words(seed: int | None) -> str:
    """Return "Seed 42", or that it is unknown."""
    return "Seed unknown" if seed is None else f"Seed {seed}"


def fill(box: QComboBox, entries: Sequence[tuple[str, object]], current: object) -> None:
    """Offer entries of (words, value), the first where `current` is none of them."""
    box.clear()
    for words, data in entries:
        box.addItem(words, data)
    index = next((i for i, (_, data) in enumerate(entries) if data == current), 0)
    box.setCurrentIndex(index if entries else -1)


def _box(name: str, tip: str, width: int) -> QComboBox:
    box = ChoiceBox()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setFixedWidth(width)
    return box
