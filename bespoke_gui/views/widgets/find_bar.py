"""Find bar: searches in the caption that is shown and marks what it finds."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from bespoke_gui.views.widgets.caption_editor import CaptionEditor
from bespoke_gui.views.widgets.parts import muted, row, tool


class FindBar(QWidget):
    """Return goes to the next place, Shift+Return to the one before, Escape closes.

    The words stay while other captions are shown, so that they are marked in each.
    """

    def __init__(self, editor: CaptionEditor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._spans: list[tuple[int, int]] = []
        self._current = -1
        self.words = _Words(self)
        self.words.setPlaceholderText("Find in this caption")
        self.words.setAccessibleName("Find in this caption")
        self.words.textChanged.connect(lambda _: self._search(follow=True))
        self._count = muted(wrap=False)
        previous = tool("previous", "Previous place", "Shift+Return")
        following = tool("next", "Next place", "Return")
        close = tool("close", "Close", "Escape")
        previous.clicked.connect(lambda: self.step(-1))
        following.clicked.connect(lambda: self.step(1))
        close.clicked.connect(self.close_bar)
        layout = row(self.words, self._count, previous, following, close, spacing=4)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        editor.textChanged.connect(self._search)
        self.hide()

    def open_bar(self) -> None:
        """Show the bar with the selected words."""
        chosen = self._editor.textCursor().selectedText()
        self.show()
        if chosen:
            self.words.setText(chosen)
        self.words.setFocus()
        self.words.selectAll()
        self._search(follow=True)

    def close_bar(self) -> None:
        """Hide the bar and its marks."""
        self.hide()
        self._editor.show_found(())
        self._editor.setFocus()

    def step(self, by: int) -> None:
        """Go to another place, round the ends."""
        if self._spans:
            self._current = (self._current + by) % len(self._spans)
            self._show()

    def _search(self, follow: bool = False) -> None:
        if not self.isVisible():
            return
        wanted = self.words.text()
        pattern = re.compile(re.escape(wanted), re.IGNORECASE)
        found = pattern.finditer(self._editor.text()) if wanted else ()
        self._spans = [match.span() for match in found]
        if follow:
            self._current = 0 if self._spans else -1
        self._current = min(self._current, len(self._spans) - 1)
        self._show(follow)

    def _show(self, follow: bool = True) -> None:
        total = len(self._spans)
        self._count.setText(f"{self._current + 1} of {total}" if total else "not found")
        self._count.setVisible(bool(self.words.text()))
        # While the person types in the editor the cursor is theirs.
        self._editor.show_found(self._spans, self._current, go=follow)


class _Words(QLineEdit):
    """The line to type in, with the keys of the bar."""

    def __init__(self, bar: FindBar) -> None:
        super().__init__()
        self._bar = bar

    def keyPressEvent(self, event: QKeyEvent) -> None:
        back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._bar.step(-1 if back else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self._bar.close_bar()
        else:
            super().keyPressEvent(event)
