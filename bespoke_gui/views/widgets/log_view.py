"""Log view: the lines of a run, by their weight, with search; warnings and errors stand out."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QShowEvent, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.run_story import LOG_LIMIT, LogRow, RunStory
from bespoke_gui.views import theme
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import muted, row, tool

_TONES = {"warning": "warning", "error": "danger", "stage": "accent_text", "metric": "muted"}
LEVELS: tuple[tuple[str, frozenset[str] | None], ...] = (
    ("Everything", None),
    ("Without figures", frozenset({"info", "stage", "warning", "error"})),
    ("Warnings and errors", frozenset({"warning", "error"})),
    ("Errors", frozenset({"error"})),
)
AT_ONCE = 300
MORE_MS = 15
MOST_MARKED = 500
COUNT_MS = 250
NOT_FOUND = QTextDocument.FindFlag(0)
BACKWARD = QTextDocument.FindFlag.FindBackward


class LogView(QWidget):
    """Follows a RunStory. While the end is in view new lines scroll; else the place is kept.

    It costs nothing while it is hidden, and takes in a flood of lines piece by piece.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._story: RunStory | None = None
        self._shown = 0
        self._more = QTimer(self, singleShot=True, interval=MORE_MS)
        self._more.timeout.connect(lambda: self._take_in(AT_ONCE))
        self._count = QTimer(self, singleShot=True, interval=COUNT_MS)
        self._count.timeout.connect(self._mark)
        self._build()

    def show_story(self, story: RunStory) -> None:
        """Show the log of `story`; call again whenever it has grown."""
        if story is not self._story:
            self._story, self._shown = story, 0
            self._more.stop()
            self.text.clear()
        if self.isVisible():
            self._take_in(AT_ONCE)

    def find_next(self, backward: bool = False) -> bool:
        """Go to the next line that holds the search words, from the top again at the end."""
        words = self.search.text()
        flags = BACKWARD if backward else NOT_FOUND
        found = bool(words) and self.text.find(words, flags)
        if words and not found:
            end = QTextCursor.MoveOperation.End if backward else QTextCursor.MoveOperation.Start
            self.text.moveCursor(end)
            found = self.text.find(words, flags)
        self._mark()
        return found

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._take_in(AT_ONCE)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "levels"):
            self._show_anew()

    # -- lines ------------------------------------------------------------------------------

    def _take_in(self, most: int) -> None:
        """Append at most so many of the lines that are waiting; the rest follows at once."""
        story = self._story
        if story is None:
            return
        first = max(self._shown, story.log_dropped)
        waiting = story.log[first - story.log_dropped :]
        self._shown = first + min(most, len(waiting))
        wanted = LEVELS[self.levels.currentIndex()][1]
        rows = [one for one in waiting[:most] if wanted is None or one.level in wanted]
        if rows:
            self._append(rows)
            if self.search.text() and not self._count.isActive():
                self._count.start()
        if len(waiting) > most:
            self._more.start()

    def _append(self, rows: list[LogRow]) -> None:
        bar = self.text.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 4
        cursor = QTextCursor(self.text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        begin = "" if self.text.document().isEmpty() else "\n"
        for level, lines in groupby(rows, key=lambda line: line.level):
            cursor.insertText(begin + "\n".join(map(_line, lines)), _format(level))
            begin = "\n"
        cursor.endEditBlock()
        if follows:
            bar.setValue(bar.maximum())

    def _show_anew(self) -> None:
        self._shown = 0
        self.text.clear()
        self._take_in(LOG_LIMIT)
        self._mark()

    # -- search -----------------------------------------------------------------------------

    def _search_anew(self) -> None:
        self._take_in(LOG_LIMIT)
        self.text.moveCursor(QTextCursor.MoveOperation.Start)
        self.find_next()

    def _mark(self) -> None:
        """Mark what was found, and say how much and which of it is current."""
        words = self.search.text()
        self.text.setExtraSelections(self._selections(words) if words else [])
        if not words:
            self.found.setText("")
            return
        whole = self.text.toPlainText()
        cursor = self.text.textCursor()
        before = whole.encode("utf-16-le")[: 2 * cursor.selectionStart()]
        total, wanted = whole.lower().count(words.lower()), words.lower()
        place = before.decode("utf-16-le", "ignore").lower().count(wanted) + 1
        if not total:
            self.found.setText("not found")
        elif cursor.selectedText().lower() == wanted:
            self.found.setText(f"{place:,} of {total:,}")
        else:
            self.found.setText(wording.count(total, "match", "matches"))

    def _selections(self, words: str) -> list[QTextEdit.ExtraSelection]:
        """Marks of the first matches in view and below it: nobody sees the others."""
        look = QTextCharFormat()
        look.setBackground(theme.tokens().warning_soft)
        look.setForeground(theme.tokens().text)
        found: list[QTextEdit.ExtraSelection] = []
        top = self.text.cursorForPosition(self.text.viewport().rect().topLeft())
        cursor = self.text.document().find(words, top.position(), NOT_FOUND)
        while not cursor.isNull() and len(found) < MOST_MARKED:
            mark = QTextEdit.ExtraSelection()
            mark.cursor, mark.format = cursor, look  # type: ignore[attr-defined]
            found.append(mark)
            cursor = self.text.document().find(words, cursor, NOT_FOUND)
        return found

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setAccessibleName("Log of the run")
        self.text.setMaximumBlockCount(LOG_LIMIT)
        self.text.setFont(theme.fixed_font(0.92))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.verticalScrollBar().valueChanged.connect(lambda _: self._on_scrolled())
        self.search = _Search(self)
        self.search.textChanged.connect(lambda _: self._search_anew())
        before = tool("previous", "Previous match", "Shift+F3")
        before.clicked.connect(lambda: self.find_next(backward=True))
        after = tool("next", "Next match", "F3")
        after.clicked.connect(lambda: self.find_next())
        self.found = muted(wrap=False)
        self.levels = ChoiceBox()
        self.levels.setAccessibleName("Which lines to show")
        self.levels.setToolTip("Which lines to show")
        self.levels.addItems([words for words, _ in LEVELS])
        self.levels.currentIndexChanged.connect(lambda _: self._show_anew())
        bar = row(self.search, before, after, self.found, None, self.levels, spacing=6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addLayout(bar)
        column.addWidget(self.text, 1)
        add_shortcut(self, "F3", "Next match in the log", self.find_next)
        add_shortcut(self, "Shift+F3", "Previous match in the log", lambda: self.find_next(True))

    def focus_search(self) -> None:
        """Let the person type what to look for."""
        self.search.setFocus()
        self.search.selectAll()

    def _on_scrolled(self) -> None:
        if self.search.text() and not self._count.isActive():
            self._count.start()


class _Search(QLineEdit):
    """Return goes to the next match, Shift+Return to the one before, Escape ends the search."""

    def __init__(self, view: LogView) -> None:
        super().__init__(placeholderText="Search the log (Ctrl+F)", clearButtonEnabled=True)
        self._view = view
        self.setAccessibleName("Search the log")
        self.setMinimumWidth(190)
        self.setMaximumWidth(260)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shifted = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self._view.find_next(backward=bool(shifted))
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


_clock = lru_cache(256)(wording.clock)


def _line(line: LogRow) -> str:
    level = f"{line.level}: " if line.level in ("warning", "error") else ""
    return f"{_clock(int(line.time))}  {level}{line.text}"


def _format(level: str) -> QTextCharFormat:
    result = QTextCharFormat()
    result.setForeground(getattr(theme.tokens(), _TONES.get(level, "text")))
    return result
