"""Search field: a line with a lens that Escape empties and Down leaves for what was found."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from bespoke_gui.views import icons, theme


class SearchEdit(QLineEdit):
    """A line to search in; Escape empties it, Down goes to what was found."""

    left_down = Signal()

    def __init__(self, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setClearButtonEnabled(True)
        sign = icons.icon("search", theme.tokens().muted, 16)
        self._lens = self.addAction(sign, QLineEdit.ActionPosition.LeadingPosition)
        self._lens.setText(placeholder)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
        elif event.key() == Qt.Key.Key_Down:
            self.left_down.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._lens.setIcon(icons.icon("search", theme.tokens().muted, 16))
