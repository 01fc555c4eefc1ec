"""Query field: a line that completes the query language and underlines a mistake at its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QModelIndex, Qt, QTimer
from PySide6.QtGui import (
    QInputMethodEvent,
    QKeyEvent,
    QStandardItem,
    QStandardItemModel,
    QTextCharFormat,
)
from PySide6.QtWidgets import QCompleter, QListView, QWidget

from bespoke_gui.core.caption_query import Candidate, Values, complete
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.search_edit import SearchEdit

Attribute = QInputMethodEvent.Attribute
TEXT_FORMAT = QInputMethodEvent.AttributeType.TextFormat
POPUP_WIDTH = 340


class QueryEdit(SearchEdit):
    """A search field with completion (Ctrl+Space asks for it) and a place for mistakes."""

    def __init__(self, placeholder: str, values: Values, parent: QWidget | None = None) -> None:
        super().__init__(placeholder, parent)
        self._values = values
        self._candidates: list[Candidate] = []
        self._is_marked = False
        self._words = QStandardItemModel(self)
        self._completer = QCompleter(self._words, self)
        self._completer.setWidget(self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        chosen: Any = self._completer.activated  # typed without its two kinds
        chosen[QModelIndex].connect(self._take)
        self._popup = QListView()
        self._completer.setPopup(self._popup)
        theme.dress(self._popup)
        self.textEdited.connect(self._offer)

    def mark(self, start: int, length: int) -> None:
        """Underline these characters as a mistake."""
        wave = QTextCharFormat()
        wave.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        wave.setUnderlineColor(theme.tokens().danger)
        wave.setForeground(theme.tokens().danger)
        # A line edit has no formats of its own; those of input methods it does paint.
        place = start - self.cursorPosition()
        self._show_formats([Attribute(TEXT_FORMAT, place, length, wave)])
        self._is_marked = True

    def unmark(self) -> None:
        """Take the underline away."""
        if self._is_marked:
            self._show_formats([])
        self._is_marked = False

    def set_query(self, text: str) -> None:
        """Put a query there as if it had been typed, without offering completions."""
        self._popup.hide()
        self.setText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and event.modifiers() == CONTROL:
            self._offer()
        else:
            super().keyPressEvent(event)

    def _show_formats(self, formats: Sequence[Attribute]) -> None:
        QCoreApplication.sendEvent(self, QInputMethodEvent("", list(formats)))

    def _offer(self) -> None:
        """Show what may stand at the cursor."""
        self._candidates = complete(self.text(), self.cursorPosition(), self._values)
        self._words.clear()
        if not self._candidates:
            self._popup.hide()
            return
        for candidate in self._candidates:
            tail = f"   {candidate.explanation}" if candidate.explanation else ""
            self._words.appendRow(QStandardItem(f"{candidate.text}{tail}"))
        self._completer.setCompletionPrefix("")
        rect = self.cursorRect()
        rect.setWidth(min(POPUP_WIDTH, self.width()))
        self._completer.complete(rect)

    def _take(self, index: QModelIndex) -> None:
        """Put the chosen candidate in its place; a field is followed by its values."""
        if index.row() >= len(self._candidates):
            return
        candidate = self._candidates[index.row()]
        goes_on = candidate.text.endswith(":")
        text = self.text()
        before, after = text[: candidate.start], text[candidate.start + candidate.length :]
        added = candidate.text if goes_on or after.startswith(" ") else f"{candidate.text} "
        self.setText(before + added + after)
        self.setCursorPosition(len(before) + len(added))
        if goes_on:
            # The completer puts its popup away only after this.
            QTimer.singleShot(0, self._offer)


CONTROL = Qt.KeyboardModifier.ControlModifier
