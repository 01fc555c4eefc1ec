"""Log view: the lines of a run, with search; warnings and errors stand out."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence, QShortcut, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.run_story import LOG_LIMIT, LogRow, RunStory
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import row, tool

_TONES = {"warning": "warning", "error": "danger", "stage": "accent_text", "metric": "muted"}


class LogView(QWidget):
    """Follows a RunStory. While the end is in view new lines scroll; else the place is kept."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._story: RunStory | None = None
        self._shown = 0
        self._build()

    def show_story(self, story: RunStory) -> None:
        """Show the log of `story`; call again whenever it has grown."""
        if story is not self._story:
            self._story, self._shown = story, 0
            self.text.clear()
        first = max(self._shown, story.log_dropped)
        rows = story.log[first - story.log_dropped :]
        self._shown = story.log_dropped + len(story.log)
        if self.only_problems.isChecked():
            rows = [line for line in rows if line.level in ("warning", "error")]
        if rows:
            self._append(rows)

    def find_next(self, backward: bool = False) -> bool:
        """Go to the next line that holds the search words, from the top again at the end."""
        words = self.search.text()
        flags = QTextDocument.FindFlag.FindBackward if backward else QTextDocument.FindFlag(0)
        found = bool(words) and self.text.find(words, flags)
        if words and not found:
            end = QTextCursor.MoveOperation.End if backward else QTextCursor.MoveOperation.Start
            self.text.moveCursor(end)
            found = self.text.find(words, flags)
        self._say(words)
        return found

    def _build(self) -> None:
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setAccessibleName("Log of the run")
        self.text.setMaximumBlockCount(LOG_LIMIT)
        self.text.setFont(theme.fixed_font(0.92))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.search = QLineEdit(placeholderText="Search the log", clearButtonEnabled=True)
        self.search.setAccessibleName("Search the log")
        self.search.setMaximumWidth(260)
        self.search.textChanged.connect(lambda _: self._search_anew())
        self.search.returnPressed.connect(self.find_next)
        before = tool("previous", "Previous match", "Shift+F3")
        before.clicked.connect(lambda: self.find_next(backward=True))
        after = tool("next", "Next match", "F3")
        after.clicked.connect(lambda: self.find_next())
        self.found = QLabel()
        theme.set_kind(self.found, "muted")
        self.only_problems = QCheckBox("Only warnings and errors")
        self.only_problems.toggled.connect(lambda _: self._show_anew())
        bar = row(self.search, before, after, self.found, None, self.only_problems)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addLayout(bar)
        column.addWidget(self.text, 1)
        QShortcut(QKeySequence.StandardKey.Find, self, self.search.setFocus)
        QShortcut(QKeySequence("F3"), self, self.find_next)
        QShortcut(QKeySequence("Shift+F3"), self, lambda: self.find_next(backward=True))

    def _append(self, rows: list[LogRow]) -> None:
        bar = self.text.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 4
        cursor = QTextCursor(self.text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        for line in rows:
            if not self.text.document().isEmpty():
                cursor.insertBlock()
            cursor.insertText(_line(line), _format(line.level))
        cursor.endEditBlock()
        if follows:
            bar.setValue(bar.maximum())

    def _show_anew(self) -> None:
        story, self._story = self._story, None
        if story is not None:
            self.show_story(story)

    def _search_anew(self) -> None:
        self.text.moveCursor(QTextCursor.MoveOperation.Start)
        self.find_next()

    def _say(self, words: str) -> None:
        count = self.text.toPlainText().lower().count(words.lower()) if words else 0
        self.found.setText(wording.count(count, "match", "matches") if words else "")


def _line(line: LogRow) -> str:
    level = f"{line.level}: " if line.level in ("warning", "error") else ""
    return f"{wording.clock(line.time)}  {level}{line.text}"


def _format(level: str) -> QTextCharFormat:
    result = QTextCharFormat()
    result.setForeground(getattr(theme.tokens(), _TONES.get(level, "text")))
    return result
