"""Folders dialog: the dataset folders of the project, their repeats and what they are for."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.pairs.folders import MOST_REPEATS, FolderFacts, ProjectFolders
from bespoke_gui.qtmodels.pairs import PairsModel
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import (
    button,
    elided,
    figure,
    heading,
    muted,
    row,
    scrolling,
    tool,
)

TEACH, APART = "Taught", "Regularisation"
ABOUT = (
    "An epoch shows each image of a folder as often as its repeats say. Regularisation images show "
    "what is not to change: they are kept out of captions and prepared sets, and packaged apart."
)


class FoldersDialog(QDialog):
    """Lists the folders; every change is saved at once and can be undone."""

    def __init__(self, session: Session, pairs: PairsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._pairs = session, pairs
        self.setWindowTitle("Dataset folders")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(820, 420)
        self._page = QWidget()
        self._grid = QGridLayout(self._page)
        self._grid.setContentsMargins(12, 12, 12, 12)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._total = figure("", 1.1)
        self.repeats: dict[str, QSpinBox] = {}
        self.purposes: dict[str, ChoiceBox] = {}
        self.removes: dict[str, QWidget] = {}
        self.add = button("Add folder…", "Take a folder of images in where it lies", "", "add")
        self.add_apart = button("Add regularisation…", "A folder that shows what is not to change")
        self.close_it = button("Close", "Everything is saved already (Esc)", "primary")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(10)
        layout.addLayout(row(heading("Dataset folders"), None, self._total))
        layout.addWidget(muted(ABOUT))
        layout.addWidget(scrolling(self._page), 1)
        layout.addLayout(row(self.add, self.add_apart, None, self.close_it))
        self.add.clicked.connect(lambda: self._on_add(False))
        self.add_apart.clicked.connect(lambda: self._on_add(True))
        self.close_it.clicked.connect(self.accept)
        pairs.folders_read.connect(self._fill)
        pairs.read_folders()

    def _fill(self, found: ProjectFolders) -> None:
        self._empty()
        for place, words in enumerate(("Folder", "Images", "Captions", "Repeats", "Purpose")):
            self._grid.addWidget(muted(words, wrap=False), 0, place)
        for line, facts in enumerate(found.folders, 1):
            self._add_row(line, facts, len(found.folders) > 1)
        self._grid.setColumnStretch(0, 1)
        self._grid.setRowStretch(len(found.folders) + 1, 1)
        self._total.setText(f"{found.images_per_epoch:,} images an epoch")

    def _empty(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.repeats, self.purposes, self.removes = {}, {}, {}

    def _add_row(self, line: int, facts: FolderFacts, is_one_of_many: bool) -> None:
        key = str(facts.folder)
        name = elided(facts.folder.name, bold=True)
        name.setToolTip(facts.problem or key)
        name.setMinimumWidth(120)
        for place, widget in enumerate(
            (name, _counted(facts), figure(str(facts.captions)), self._repeats(facts))
        ):
            self._grid.addWidget(widget, line, place)
        self._grid.addWidget(self._purpose(facts), line, 4)
        remove = tool("close", f"Take {facts.folder.name} out; its files stay")
        remove.setEnabled(is_one_of_many)
        remove.clicked.connect(lambda: self._pairs.remove_folder(facts.folder))
        self._grid.addWidget(remove, line, 5)
        self.removes[key] = remove

    def _repeats(self, facts: FolderFacts) -> QSpinBox:
        box = QSpinBox()
        box.setRange(1, MOST_REPEATS)
        box.setValue(facts.repeats)
        box.setKeyboardTracking(False)
        box.setAccessibleName(f"Repeats of {facts.folder.name}")
        box.setToolTip("How often an epoch shows each image")
        # Only when the value is decided: each change is written and one step of undo.
        box.editingFinished.connect(lambda: self._on_repeats(facts, box.value()))
        self.repeats[str(facts.folder)] = box
        return box

    def _purpose(self, facts: FolderFacts) -> ChoiceBox:
        box = ChoiceBox()
        box.addItems([TEACH, APART])
        box.setCurrentIndex(int(facts.regularisation))
        box.setMinimumWidth(168)
        box.setAccessibleName(f"Purpose of {facts.folder.name}")
        box.activated.connect(
            lambda index: self._pairs.change_folder(facts.folder, regularisation=index == 1)
        )
        self.purposes[str(facts.folder)] = box
        return box

    def _on_repeats(self, facts: FolderFacts, value: int) -> None:
        if value != facts.repeats and not self._pairs.is_busy:
            self._pairs.change_folder(facts.folder, repeats=value)

    def _on_add(self, regularisation: bool) -> None:
        folder = self._session.ask.folder("Folder of images")
        if folder is not None:
            self._pairs.add_folder(folder, regularisation)


def _counted(facts: FolderFacts) -> QLabel:
    if facts.problem:
        label = muted(facts.problem, wrap=False)
        theme.set_kind(label, "danger")
        return label
    out = f"  ({facts.excluded} excluded)" if facts.excluded else ""
    return figure(f"{facts.images}{out}")
