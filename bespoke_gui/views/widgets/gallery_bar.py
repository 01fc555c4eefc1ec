"""Gallery bar: which measure, seed, downsampler and zoom the grid shows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget

from bespoke_gui.qtmodels.gallery_work import OpenedGallery
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.gallery_grid import ZOOMS
from bespoke_gui.views.widgets.parts import row

ALL_SEEDS = "all"


class GalleryBar(QWidget):
    """The choices above the grid."""

    measure_chosen = Signal()
    seed_chosen = Signal(object)
    downsampler_chosen = Signal(str)
    zoom_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make_boxes()
        self._connect()
        layout = row(self.measures, self.seeds, self.downsamplers, self.zoom, None, self.detail)
        layout.setContentsMargins(14, 4, 14, 8)
        # In a small window the measures give way first: their names stand beside the close-up.
        self.measures.setMinimumWidth(144)
        self.measures.setMaximumWidth(200)
        layout.setStretch(0, 8)
        self.setLayout(layout)

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
        self.measures = labelled_box("Measure", "Figure under each picture", 200)
        self.seeds = labelled_box("Seed", "Which seed to look at", 104)
        self.downsamplers = labelled_box(
            "Downsampler", "How native pixels are read from large ones", 118
        )
        self.zoom = labelled_box("Zoom", "Size of a cell (+ and −, or Ctrl and the wheel)", 86)
        for side in ZOOMS:
            self.zoom.addItem(f"{side} px", side)

        self.detail = QPushButton("Close-up")
        self.detail.setCheckable(True)
        self.detail.setChecked(True)
        self.detail.setToolTip("Show the picture close up beside the grid (D)")
        self.detail.setAccessibleName("Show the picture close up")

    def _connect(self) -> None:
        data = QComboBox.itemData
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


def labelled_box(name: str, tip: str, width: int) -> QComboBox:
    """Return a drop-down list of a fixed width with its name for screen readers."""
    box = ChoiceBox()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setFixedWidth(width)
    return box
