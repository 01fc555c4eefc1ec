"""Image export dialog: which images, which colours, how large, and a sprite sheet of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from bespoke_gui.core.gallery_export import TRAINING
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.export_preview import ExportPreview
from bespoke_gui.qtmodels.image_export import Part, Wish
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.export_preview_pane import ExportPreviewPane
from bespoke_gui.views.widgets.parts import button, field, heading, muted, row

AS_SHOWN, AS_MADE, FILE = "shown", "made", "file"
COLOURS = (
    (AS_SHOWN, "As the gallery shows them", "The jitter of generated colours is merged."),
    (AS_MADE, "Every colour as it was generated", "Nothing is merged."),
    (TRAINING, "Locked to the training palette",
     "Each cell gets the nearest colour of the training images."),
    (FILE, "Locked to a palette file…", "Each cell gets the nearest colour of {file}."),
)  # fmt: skip
PALETTES = "Palettes (*.gpl *.hex *.txt *.png)"
LEFT = 360
SCALES = (1, 4, 8, 16, 32)


class ImageExportDialog(QDialog):
    """Asks what to export. `wanted` carries part, wish and folder once a place is chosen."""

    wanted = Signal(object, object, object)

    def __init__(
        self, session: Session, parts: Sequence[Part], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._file = ""
        self.setWindowTitle("Export images")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.preview = ExportPreview(session, self)
        self._build(parts)
        self._tell()

    @property
    def part(self) -> Part:
        """The images that are chosen."""
        return self.parts.currentData()

    def wish(self) -> Wish:
        """Return the form they are wanted in."""
        scales = tuple(scale for scale, box in self.scales.items() if box.isChecked())
        colours = self.colours.currentData()
        palette = {TRAINING: TRAINING, FILE: self._file}.get(colours, "")
        sheet = self.cell.value() if self.sheet.isChecked() else 0
        return Wish(scales, palette, colours != AS_MADE, sheet, self.columns.value())

    # -- choices ----------------------------------------------------------------------------

    def _choose_colours(self, place: int) -> None:
        if self.colours.itemData(place) == FILE:
            path = self._session.ask.open_file("Palette", PALETTES)
            if path is None:
                self.colours.setCurrentIndex(0)
            else:
                self._file = str(path)
        self._tell()

    def _tell(self) -> None:
        wish, images = self.wish(), len(self.part.images)
        words = next(about for name, _, about in COLOURS if name == self.colours.currentData())
        self.about.setText(words.format(file=self._file))
        self.cell.setEnabled(self.sheet.isChecked())
        self.columns.setEnabled(self.sheet.isChecked())
        count = images * wish.files + bool(wish.sheet)
        there = f"{wording.count(count, 'PNG file')}; no file is ever written over"
        self.count.setText(there if count else "Choose a size or the sprite sheet")
        self.go_on.setEnabled(count > 0)
        self.preview.show(self.part, wish)

    def _on_go_on(self) -> None:
        folder = self._session.ask.folder("Folder for the images")
        if folder is not None:
            self.wanted.emit(self.part, self.wish(), folder)
            self.accept()

    # -- building ---------------------------------------------------------------------------

    def _build(self, parts: Sequence[Part]) -> None:
        self.parts, self.colours = ChoiceBox(), ChoiceBox()
        for part in parts:
            self.parts.addItem(part.title, part)
        for name, title, _ in COLOURS:
            self.colours.addItem(title, name)
        self.about, self.count = muted(), muted()
        self.scales = {scale: QCheckBox(_size_words(scale)) for scale in SCALES}
        self.scales[1].setChecked(True)
        self.sheet = QCheckBox("Sprite sheet of them all")
        self.cell, self.columns = _number(1, 64, " px a cell"), _number(0, 64, " columns")
        self.columns.setSpecialValueText("as square as can be")
        self.cancel = button("Cancel", "Write nothing (Esc)")
        self.go_on = button("Choose a folder…", "Say where they are written", "primary")
        left = QWidget()
        left.setFixedWidth(LEFT)
        layout = QVBoxLayout(left)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(heading("Export images"))
        layout.addLayout(field("Which", self.parts))
        layout.addLayout(field("Colours", self.colours))
        layout.addWidget(self.about)
        layout.addWidget(heading("Sizes", 1.0))
        layout.addLayout(row(*self.scales.values(), None, spacing=14))
        layout.addWidget(self.sheet)
        layout.addLayout(row(self.cell, self.columns, None))
        layout.addWidget(self.count)
        layout.addStretch(1)
        layout.addLayout(row(None, self.cancel, self.go_on))
        self.pane = ExportPreviewPane(self.preview)
        self.pane.add_keys(self)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(16, 16, 16, 16)
        whole.setSpacing(20)
        whole.addWidget(left)
        whole.addWidget(self.pane, 1)
        self._connect()

    def _connect(self) -> None:
        self.parts.currentIndexChanged.connect(lambda _: self._tell())
        self.colours.activated.connect(self._choose_colours)
        for box in (*self.scales.values(), self.sheet):
            box.toggled.connect(lambda _: self._tell())
        for number in (self.cell, self.columns):
            number.valueChanged.connect(lambda _: self._tell())
        self.cancel.clicked.connect(self.reject)
        self.go_on.clicked.connect(self._on_go_on)


def _size_words(scale: int) -> str:
    return "True size" if scale == 1 else f"×{scale}"


def _number(low: int, high: int, suffix: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    box.setSuffix(suffix)
    box.setAccessibleName(suffix.strip())
    box.setMinimumWidth(150)
    return box
