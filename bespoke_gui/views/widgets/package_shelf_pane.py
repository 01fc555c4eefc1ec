"""Shelf pane: the packages of the project, each to be judged, shown in its folder, or binned."""

from __future__ import annotations

import datetime
from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.core.package_shelf import Shelved
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.package_model import PackageModel
from bespoke_gui.views.widgets.parts import (
    button,
    card,
    column,
    elided,
    heading,
    muted,
    row,
    scrolling,
    tool,
)


class PackageShelfPane(QWidget):
    """Lists packages, the newest first. `check_wanted` and `task_wanted` carry the path of one."""

    check_wanted = Signal(object)
    task_wanted = Signal(object)
    open_wanted = Signal()

    def __init__(self, model: PackageModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.rows: list[ShelfRow] = []
        self.check = button("Check a package…", "Judge any zip, also one made by hand", "link")
        self._empty = muted("None yet. The packages you build are listed here.")
        self._told = elided(kind="muted")
        self.undo = button("Undo", kind="link")
        self._told_row = QWidget()
        told = row(self._told, self.undo)
        told.setStretch(0, 1)
        self._told_row.setLayout(told)
        self._told_row.hide()
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(8)
        page = QWidget()
        page.setLayout(self._list)
        inner = column(row(heading("Packages"), None, self.check), self._told_row, self._empty)
        inner.addWidget(scrolling(page), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(inner))
        self.check.clicked.connect(self.open_wanted)
        self.undo.clicked.connect(self._on_undo)
        model.shelf_changed.connect(self._fill)
        model.binned.connect(self._on_binned)
        self._fill()

    def _fill(self) -> None:
        while (item := self._list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                # Hidden first: Qt shows what a layout took a moment later, by then as a window.
                widget.hide()
                widget.deleteLater()
        self.rows = [ShelfRow(package) for package in self._model.shelf]
        for line in self.rows:
            line.check.clicked.connect(lambda _=False, p=line.path: self.check_wanted.emit(p))
            line.task.clicked.connect(lambda _=False, p=line.path: self.task_wanted.emit(p))
            line.bin.clicked.connect(lambda _=False, p=line.path: self._model.bin(p))
            self._list.addWidget(line)
        self._list.addStretch(1)
        self._empty.setVisible(not self.rows)

    def _on_binned(self, words: str) -> None:
        self._told.setText(words)
        self._told_row.show()

    def _on_undo(self) -> None:
        self._told_row.hide()
        self._model.undo_bin()


class ShelfRow(QWidget):
    """One package: name, size, day and hash, and what can be done with it."""

    def __init__(self, package: Shelved) -> None:
        super().__init__()
        self.path: Path = package.path
        name = elided(package.path.name, bold=True)
        name.setToolTip(str(package.path))
        day = datetime.datetime.fromtimestamp(package.made)
        facts = f"{wording.size(package.bytes)} · {day:%Y-%m-%d %H:%M} · {package.sha256[:12]}"
        told = elided(facts, kind="muted")
        told.setToolTip(f"SHA-256 {package.sha256}")
        called = package.path.name
        self.check = tool("check", f"Check {called}")
        self.task = tool(
            "terminal", f"Export {called} as a task for SkyPilot, dstack or accelerate"
        )
        self.log = tool("rows", f"Read the log of {called}")
        self.log.setVisible(package.log is not None)
        self.log.clicked.connect(lambda: _open(package.log))
        self.show_in_folder = tool("folder", f"Show {called} in its folder")
        self.bin = tool("trash", f"Move {called} and its log to the bin")
        self.show_in_folder.clicked.connect(lambda: _open(self.path.parent))
        below = row(
            told, self.check, self.log, self.task, self.show_in_folder, self.bin, spacing=0
        )  # fmt: skip
        below.setStretch(0, 1)
        layout = column(name, spacing=0)
        layout.addLayout(below)
        self.setLayout(layout)


def _open(path: Path | None) -> None:
    """Show a file or folder with the program the system has for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
