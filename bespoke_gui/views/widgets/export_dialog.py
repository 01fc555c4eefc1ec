"""Export dialog: which format, with the images or without, and where."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QVBoxLayout, QWidget

from bespoke_gui.core.exchange.base import FORMATS
from bespoke_gui.qtmodels.caption_exchange import ExportWish
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import button, field, heading, muted, row

ORDER = ("jsonl", "csv", "txt", "caption", "kohya", "meta")
ABOUT = {
    "jsonl": "One line an image with file_name and text, as Hugging Face datasets read it.",
    "csv": "One row an image, for spreadsheets. Further columns of an existing file can stay.",
    "txt": "One .txt a caption, the same bytes under the same names.",
    "caption": "The same with the suffix .caption, which sd-scripts looks for by default.",
    "kohya": "Folders <repeats>_<name> as kohya_ss and sd-scripts train from. Excluded images "
    "stay out.",
    "meta": "The metadata.json that sd-scripts reads for fine-tuning.",
}


class ExportDialog(QDialog):
    """Asks what to export. `wanted` carries an ExportWish once a place is chosen."""

    wanted = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle("Export captions")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(480, 280)
        self.formats = ChoiceBox()
        for name in ORDER:
            self.formats.addItem(FORMATS[name].title, name)
        self.images = QCheckBox("Copy the images too (excluded ones stay out)")
        self._about = muted()
        self._about.setMinimumHeight(44)
        self._about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.cancel = button("Cancel", "Write nothing (Esc)")
        self.go_on = button("Choose a place…", "Say where it is written", "primary")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(heading("Export captions"))
        layout.addLayout(field("Format", self.formats))
        layout.addWidget(self._about)
        layout.addWidget(self.images)
        layout.addStretch(1)
        layout.addLayout(row(None, self.cancel, self.go_on))
        self.formats.currentIndexChanged.connect(self._tell)
        self.cancel.clicked.connect(self.reject)
        self.go_on.clicked.connect(self._on_go_on)
        self._tell()

    def _tell(self) -> None:
        self._about.setText(ABOUT[str(self.formats.currentData())])

    def _on_go_on(self) -> None:
        name, images = str(self.formats.currentData()), self.images.isChecked()
        file = FORMATS[name].file
        if file and not images:
            suffix = file.rpartition(".")[2]
            out = self._session.ask.save_file(
                "Export captions", f"{FORMATS[name].title} (*.{suffix})", file
            )
        else:
            parent = self._session.ask.folder("Where the new folder is made")
            project = self._session.project
            title = project.name if project else "captions"
            out = parent / f"{title} {name}" if parent else None
        if out is not None:
            self.wanted.emit(ExportWish(name, out, images))
            self.accept()
