"""Left-alone dialog: what the linter passes over in this project, to be heeded again."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractItemView, QDialog, QListWidget, QVBoxLayout, QWidget

from bespoke_gui.core.left_alone import LeftAlone
from bespoke_gui.qtmodels.left_alone import LeftAloneList
from bespoke_gui.views import theme
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.parts import button, heading, muted, row

ABOUT = (
    "Checks that are off, words that notes were ignored for, and the project's dictionary. They "
    "are kept in lint.toml and dictionary.txt in the project's folder, for people to edit."
)


class LeftAloneDialog(QDialog):
    """Every change is written at once and can be undone while the dialog is open."""

    def __init__(self, left: LeftAloneList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._left = left
        self._rows: list[LeftAlone] = []
        self.setWindowTitle("Left alone")
        self.resize(560, 420)
        self.list = QListWidget()
        self.list.setAccessibleName("What is left alone")
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        theme.set_kind(self.list, "plain")
        self.heed = button("Heed again", "Look at the chosen ones again (Del)")
        self.undo = button("Undo", "Leave alone again what was heeded last (Ctrl+Z)", "ghost")
        close = button("Close", "Everything is saved already (Esc)", "primary")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(10)
        layout.addWidget(heading("Left alone"))
        layout.addWidget(muted(ABOUT))
        layout.addWidget(self.list, 1)
        layout.addLayout(row(self.heed, self.undo, None, close))
        self.list.itemSelectionChanged.connect(self._show_buttons)
        self.heed.clicked.connect(self._heed)
        self.undo.clicked.connect(left.undo)
        close.clicked.connect(self.accept)
        add_shortcut(self.list, "Del", "Heed the chosen again", self._heed)
        add_shortcut(self, "Ctrl+Z", "Leave alone again what was heeded last", left.undo)
        left.changed.connect(self._fill)
        self._fill()
        left.read()

    def _fill(self) -> None:
        if self._left.rows != self._rows or not self.list.count():
            at = self.list.currentRow()
            self._rows = list(self._left.rows)
            self.list.clear()
            self.list.addItems([self._left.words(one) for one in self._rows])
            self.list.setCurrentRow(min(at, len(self._rows) - 1))
        self._show_buttons()

    def _show_buttons(self) -> None:
        self.heed.setEnabled(bool(self.list.selectedIndexes()))
        self.undo.setEnabled(self._left.can_undo)

    def _heed(self) -> None:
        chosen = sorted(index.row() for index in self.list.selectedIndexes())
        self._left.heed([self._rows[place] for place in chosen])
