"""Configs of the project: choose one, make a new one, and what can be done with a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.config.files import Binned
from bespoke_gui.qtmodels.config_desk import ConfigDesk
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.config_row import soft_breaks
from bespoke_gui.views.widgets.parts import button, card, heading, muted, row, tool

PATH = Qt.ItemDataRole.UserRole


class ConfigList(QWidget):
    """Lists the configs of a desk. Nothing is lost here: the bin gives back, edits stay."""

    export_wanted = Signal()

    def __init__(self, desk: ConfigDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._binned: Binned | None = None
        self.list = QListWidget()
        self.list.setAccessibleName("Configs of this project")
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme.set_kind(self.list, "plain")
        self._build()
        self.list.currentItemChanged.connect(self._on_chosen)
        desk.listed.connect(self.refresh)
        desk.opened.connect(self.refresh)
        desk.binned.connect(self._offer_back)
        self.refresh()

    def refresh(self) -> None:
        """Show which configs there are, which is open, and which have unsaved edits."""
        paths, desk = self._desk.paths, self._desk
        if [self._path(index) for index in range(self.list.count())] != paths:
            self.list.blockSignals(True)
            self.list.clear()
            for path in paths:
                item = QListWidgetItem(path.stem, self.list)
                item.setData(PATH, path)
            self.list.blockSignals(False)
        for index, path in enumerate(paths):
            self._show_state(self.list.item(index), path)
        current = desk.document.path if desk.document else None
        self.list.blockSignals(True)
        self.list.setCurrentRow(paths.index(current) if current in paths else -1)
        self.list.blockSignals(False)
        for part in (self.duplicate, self.rename, self.bin, self.export):
            part.setEnabled(desk.document is not None)
        self.empty.setVisible(not paths)

    def ask_for_name(self) -> None:
        """Ask for another name of the open config."""
        document = self._desk.document
        if document is not None:
            name = self._desk.session.ask.text("Rename config", "New name", document.name)
            if name:
                self._desk.rename(name)

    def _path(self, index: int) -> Path:
        return self.list.item(index).data(PATH)

    def _show_state(self, item: QListWidgetItem, path: Path) -> None:
        is_unsaved = self._desk.is_unsaved(path)
        item.setFont(theme.font(1.0, bold=is_unsaved))
        item.setText(f"{path.stem} •" if is_unsaved else path.stem)
        item.setToolTip(f"{path.name}\nEdits are not saved yet" if is_unsaved else path.name)

    def _on_chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._desk.open(item.data(PATH))

    def _offer_back(self, binned: Binned) -> None:
        self._binned = binned
        self.back_words.setText(f"{soft_breaks(binned.was.stem)} is in the bin.")
        self.back.show()

    def _bring_back(self) -> None:
        binned, self._binned = self._binned, None
        self.back.hide()
        if binned is not None:
            self._desk.bring_back(binned)

    def _build(self) -> None:
        self.new = button("New", "A new config", icon="add")
        self.menu = QMenu(self.new)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.menu.setToolTipsVisible(True)
        self.new.setMenu(self.menu)
        self.duplicate = tool("copy", "Duplicate this config as it is now", "Ctrl+D")
        self.duplicate.clicked.connect(self._desk.duplicate)
        self.rename = tool("edit", "Rename this config", "F2")
        self.rename.clicked.connect(self.ask_for_name)
        self.bin = tool("trash", "Move this config to the bin; it can be brought back")
        self.bin.clicked.connect(self._desk.remove)
        self.export = tool("download", "Export for another trainer: OneTrainer or ai-toolkit")
        self.export.clicked.connect(self.export_wanted)
        self.empty = muted("No config yet. Begin with a preset.")
        self.back = self._back_bar()
        inner = QVBoxLayout()
        inner.setSpacing(8)
        inner.addLayout(row(heading("Configs", 1.1), None, self.new))
        inner.addWidget(self.empty)
        inner.addWidget(self.list, 1)
        inner.addWidget(self.back)
        inner.addLayout(row(self.duplicate, self.rename, self.bin, None, self.export, spacing=2))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(inner, 12))

    def _back_bar(self) -> QFrame:
        self.back_words = muted()
        undo = button("Undo", "Bring it back", "link")
        undo.clicked.connect(self._bring_back)
        bar = QFrame()
        theme.set_kind(bar, "well")
        inner = row(self.back_words, undo)
        inner.setContentsMargins(8, 4, 4, 4)
        inner.setStretch(0, 1)
        bar.setLayout(inner)
        bar.hide()
        return bar

    def _fill_menu(self) -> None:
        self.menu.clear()
        for preset in self._desk.presets():
            action = self.menu.addAction(preset.title)
            action.setToolTip(preset.words)
            action.triggered.connect(lambda _=False, name=preset.name: self._desk.add_preset(name))
