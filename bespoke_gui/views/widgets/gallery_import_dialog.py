"""Gallery import dialog: how names are read and who vouches for the settings, with a preview."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.gallery_import import GalleryImport, ImportPreview, ImportWish
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import button, elided, field, heading, muted, row
from bespoke_gui.views.widgets.tables import table_view

ABOUT = (
    "Folders epoch_01, epoch_02 … with one file for each prompt, samples of sd-scripts, and images "
    "with metadata of Bespoke, A1111 or ComfyUI are read by themselves."
)
PATTERN = "run_{epoch}/{prompt}_{seed}.png"
UNKNOWN, PROJECT, FILE = "unknown", "project", "file"
MADE = (
    (UNKNOWN, "As the images say, else unknown"),
    (PROJECT, "As the project's protocol says: I vouch for it"),
    (FILE, "As another protocol file says: I vouch for it…"),
)
COLUMNS = ("File", "Epoch", "Prompt", "Seed")


class GalleryImportDialog(QDialog):
    """Asks how a folder is to be read; nothing is copied before `go_on`. `wanted` carries it."""

    wanted = Signal(object)

    def __init__(
        self, session: Session, reader: GalleryImport, source: Path, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._reader, self._source = session, reader, source
        self._file: Path | None = None
        self.setWindowTitle("Import images")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(720, 560)
        self._build()
        reader.previewed.connect(self._show)
        self._ask()

    def wish(self) -> ImportWish:
        """Return what is to be imported, and how."""
        project, made = self._session.project, self.made.currentData()
        known = project.protocol_path if project else None
        protocol = {PROJECT: known, FILE: self._file}.get(made)
        return ImportWish(self._source, self.pattern.text().strip(), protocol)

    def _ask(self) -> None:
        self.go_on.setEnabled(False)
        self._reader.ask(self.wish())

    def _choose_made(self, place: int) -> None:
        if self.made.itemData(place) == FILE:
            self._file = self._session.ask.open_file("Protocol", "Protocol (*.toml)")
            if self._file is None:
                self.made.setCurrentIndex(0)
        self._ask()

    def _show(self, found: ImportPreview | None, why_not: str) -> None:
        self.go_on.setEnabled(found is not None)
        self.rows.removeRows(0, self.rows.rowCount())
        self.summary.setText(found.summary if found else why_not)
        theme.set_kind(self.summary, "" if found else "danger")
        problems = found.problems if found else []
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        self.problems.setText(f"{problems[0]}{more}" if problems else "")
        self.problems.setToolTip("\n".join(problems[:40]))
        self.problems.setVisible(bool(problems))
        for line in found.rows if found else []:
            items = [QStandardItem(words) for words in line]
            for item in items:
                item.setToolTip(item.text())
            self.rows.appendRow(items)

    def _take(self) -> None:
        self.wanted.emit(self.wish())
        self.accept()

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.pattern = QLineEdit(placeholderText=PATTERN)
        self.pattern.setAccessibleName("Pattern of names")
        self.made = ChoiceBox()
        project = self._session.project
        for key, words in MADE:
            if key != PROJECT or (project and project.protocol_path.is_file()):
                self.made.addItem(words, key)
        self.summary, self.problems = elided(bold=True), elided(kind="warning")
        self.rows = QStandardItemModel(0, len(COLUMNS), self)
        self.rows.setHorizontalHeaderLabels(COLUMNS)
        for place in range(len(COLUMNS)):
            left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            role = Qt.ItemDataRole.TextAlignmentRole
            self.rows.setHeaderData(place, Qt.Orientation.Horizontal, left, role)
        table = table_view(self.rows, "How the images are read", (0, 110, 170, 110))
        self.cancel = button("Cancel", "Copy nothing (Esc)")
        self.go_on = button("Import", "Copy them into the project; the originals stay", "primary")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(10)
        layout.addWidget(heading(f"Import {self._source.name}"))
        layout.addWidget(muted(ABOUT))
        hint = "Where names are otherwise: the parts {epoch}, {prompt}, {seed}; * for anything"
        layout.addLayout(field("Pattern of names", self.pattern, hint))
        layout.addLayout(field("How they were made", self.made))
        layout.addWidget(self.summary)
        layout.addWidget(self.problems)
        layout.addWidget(table, 1)
        layout.addLayout(row(None, self.cancel, self.go_on))
        self.pattern.textChanged.connect(lambda _: self._ask())
        self.made.activated.connect(self._choose_made)
        self.cancel.clicked.connect(self.reject)
        self.go_on.clicked.connect(self._take)
