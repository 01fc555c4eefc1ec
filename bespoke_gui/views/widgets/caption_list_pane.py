"""List pane: search and state filter over the images, with counts."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from bespoke_gui.core.dataset import Item
from bespoke_gui.qtmodels.image_list_model import (
    FILTERS,
    ImageFilter,
    ImageListModel,
    Role,
    RowState,
)
from bespoke_gui.qtmodels.thumbnails import ThumbnailCache
from bespoke_gui.views import icons, theme
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.image_list import ImageList
from bespoke_gui.views.widgets.parts import muted, row

TYPING_MS = 120


class SearchEdit(QLineEdit):
    """A line to search in; Escape empties it, Down goes to what was found."""

    left_down = Signal()

    def __init__(self, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setClearButtonEnabled(True)
        colour = theme.tokens().muted
        sign = icons.icon("search", colour, 16)
        action = self.addAction(sign, QLineEdit.ActionPosition.LeadingPosition)
        action.setText(placeholder)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
        elif event.key() == Qt.Key.Key_Down:
            self.left_down.emit()
        else:
            super().keyPressEvent(event)


class CaptionListPane(QWidget):
    """The images of the set. `chosen` carries the name of the current one."""

    chosen = Signal(str)
    shown_changed = Signal()

    def __init__(
        self,
        thumbnails: ThumbnailCache,
        state_of: Callable[[str], RowState],
        text_of: Callable[[str], str],
        cell: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.model = ImageListModel(thumbnails, state_of, self)
        self.shown = ImageFilter(self.model, text_of, self)
        self.list = ImageList(self.model, self.shown, cell)
        self.list.chosen.connect(self.chosen)
        self.search = SearchEdit("Search names and captions")
        self.search.setAccessibleName("Search names and captions")
        self.search.setToolTip("Show images whose name or caption holds this (Ctrl+F)")
        self.search.left_down.connect(self.list.setFocus)
        self.kinds = ChoiceBox()
        self.kinds.setAccessibleName("Which images")
        self._counts = muted(wrap=False)
        self._timer = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._timer.timeout.connect(self._filter)
        self.search.textChanged.connect(self._timer.start)
        for key, (words, _) in FILTERS.items():
            self.kinds.addItem(words, key)
        self.kinds.activated.connect(self._filter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.search)
        layout.addLayout(row(self.kinds, None, self._counts))
        layout.addWidget(self.list, 1)

    def set_items(self, items: list[Item]) -> None:
        """Show these images; the current one stays current if it is still there."""
        current = self.list.current_name()
        self.model.set_items(items)
        self._count()
        if not self.list.select(current):
            self.list.step(0)

    def show_only(self, kind: str) -> None:
        """Show only the images with one of FILTERS."""
        self.kinds.setCurrentIndex(self.kinds.findData(kind))
        self._filter()

    def filter(self, expression: str) -> None:
        """Show only the images that fit the expression."""
        key, _, wanted = expression.partition(":")
        if wanted == "yes" and key in FILTERS:
            self.show_only(key)
        else:
            self.search.setText(expression)
            self._filter()

    def names_shown(self) -> list[str]:
        """Return the names of the images that the filter lets through, in their order."""
        count = self.shown.rowCount()
        return [str(self.shown.index(row, 0).data(Role.NAME)) for row in range(count)]

    def names_selected(self) -> list[str]:
        """Return the names of the selected images, in their order."""
        rows = sorted(index.row() for index in self.list.selectedIndexes())
        return [str(self.shown.index(row, 0).data(Role.NAME)) for row in rows]

    def select(self, name: str) -> None:
        """Make an image current, taking the filter away if that hides it."""
        if not self.list.select(name):
            self.search.clear()
            self.show_only("all")
            self.list.select(name)

    def refresh(self, names: list[str]) -> None:
        """Draw the states of these images anew, and the counts."""
        self.model.refresh(names)
        self._count()

    def _filter(self) -> None:
        current = self.list.current_name()
        self.shown.set_text(self.search.text())
        self.shown.set_kind(self.kinds.currentData() or "all")
        if not self.list.select(current):
            self.list.step(0)
        self._count()
        self.shown_changed.emit()

    def _count(self) -> None:
        shown, total = self.shown.rowCount(), self.model.rowCount()
        self._counts.setText(f"{total} images" if shown == total else f"{shown} of {total}")
        states = [self.model.state(index) for index in range(total)]
        for index, (words, holds) in enumerate(FILTERS.values()):
            count = sum(map(holds, states))
            self.kinds.setItemText(index, f"{words}  {count}")
