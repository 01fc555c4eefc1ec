"""Event log: the lines of a run as its engine told them, by their weight; problems stand out."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QShowEvent, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.run_story import LOG_LIMIT, LogRow, RunStory
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.found_marks import FORWARD, found_marks

_TONES = {"warning": "warning", "error": "danger", "stage": "accent_text", "metric": "muted"}
LEVELS: tuple[tuple[str, frozenset[str] | None], ...] = (
    ("Everything", None),
    ("Without figures", frozenset({"info", "stage", "warning", "error"})),
    ("Warnings and errors", frozenset({"warning", "error"})),
    ("Errors", frozenset({"error"})),
)
AT_ONCE = 300
MORE_MS = 15
COUNT_MS = 250
BACKWARD = QTextDocument.FindFlag.FindBackward


class EventLog(QWidget):
    """Follows a RunStory. While the end is in view new lines scroll; else the place is kept.

    It costs nothing while it is hidden, and takes in a flood of lines piece by piece. `told`
    comes when the words about the search are others.
    """

    told = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._story: RunStory | None = None
        self._shown = 0
        self._words, self._level, self._found = "", 0, ""
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

    def show_level(self, level: int) -> None:
        """Show only the lines of one of LEVELS."""
        self._level = level
        self._shown = 0
        self.text.clear()
        self._take_in(LOG_LIMIT)
        self._mark()

    def search(self, words: str) -> None:
        """Look for words from the top, "" for no longer."""
        self._words = words
        self._take_in(LOG_LIMIT)
        self.text.moveCursor(QTextCursor.MoveOperation.Start)
        self.find_next()

    def find_next(self, backward: bool = False) -> bool:
        """Go to the next line that holds the search words, from the top again at the end."""
        words, flags = self._words, BACKWARD if backward else FORWARD
        found = bool(words) and self.text.find(words, flags)
        if words and not found:
            end = QTextCursor.MoveOperation.End if backward else QTextCursor.MoveOperation.Start
            self.text.moveCursor(end)
            found = self.text.find(words, flags)
        self._mark()
        return found

    def found_words(self) -> str:
        """Return how much was found and which of it is current; "" while nothing is asked."""
        return self._found

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._take_in(AT_ONCE)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "text"):
            self.show_level(self._level)

    # -- lines ------------------------------------------------------------------------------

    def _take_in(self, most: int) -> None:
        """Append at most so many of the lines that are waiting; the rest follows at once."""
        story = self._story
        if story is None:
            return
        first = max(self._shown, story.log_dropped)
        waiting = story.log[first - story.log_dropped :]
        self._shown = first + min(most, len(waiting))
        wanted = LEVELS[self._level][1]
        rows = [one for one in waiting[:most] if wanted is None or one.level in wanted]
        if rows:
            self._append(rows)
            if self._words and not self._count.isActive():
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

    # -- search -----------------------------------------------------------------------------

    def _mark(self) -> None:
        """Mark what was found, and say how much and which of it is current."""
        words = self._words
        self.text.setExtraSelections(found_marks(self.text, words))
        self._found = self._counted(words) if words else ""
        self.told.emit()

    def _counted(self, words: str) -> str:
        whole = self.text.toPlainText()
        cursor = self.text.textCursor()
        before = whole.encode("utf-16-le")[: 2 * cursor.selectionStart()]
        total, wanted = whole.lower().count(words.lower()), words.lower()
        place = before.decode("utf-16-le", "ignore").lower().count(wanted) + 1
        if not total:
            return "not found"
        if cursor.selectedText().lower() == wanted:
            return f"{place:,} of {total:,}"
        return wording.count(total, "match", "matches")

    def _on_scrolled(self) -> None:
        if self._words and not self._count.isActive():
            self._count.start()

    def _build(self) -> None:
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setAccessibleName("Log of the run")
        self.text.setMaximumBlockCount(LOG_LIMIT)
        self.text.setFont(theme.fixed_font(0.92))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.verticalScrollBar().valueChanged.connect(lambda _: self._on_scrolled())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text)


_clock = lru_cache(256)(wording.clock)


def _line(line: LogRow) -> str:
    level = f"{line.level}: " if line.level in ("warning", "error") else ""
    return f"{_clock(int(line.time))}  {level}{line.text}"


def _format(level: str) -> QTextCharFormat:
    result = QTextCharFormat()
    result.setForeground(getattr(theme.tokens(), _TONES.get(level, "text")))
    return result
