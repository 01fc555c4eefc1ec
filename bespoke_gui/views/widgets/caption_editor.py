"""Caption editor: raw text with its phrases set apart, and notes of the linter underlined."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip, QWidget

from bespoke_gui.core.errors import Problem
from bespoke_gui.qtmodels.caption_lints import place
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.text_units import common, offset, units

_NOT_OURS = (
    QKeySequence.StandardKey.Undo,
    QKeySequence.StandardKey.Redo,
)
_PANEL_KEYS = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class CaptionEditor(QPlainTextEdit):
    """Edits one caption. `edited` carries the whole text after each change by the person.

    Undo is the window's: one history for all captions, so the document keeps none.
    """

    edited = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problems: Sequence[Problem] = ()
        self._found: list[tuple[int, int, bool]] = []
        self._setting = False
        self._separators = SeparatorMarks(self.document())
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setFont(theme.font(1.25))
        self.document().setDocumentMargin(12)
        self.setAccessibleName("Caption")
        self.setPlaceholderText("No caption yet. What would you type to get this image?")
        self.textChanged.connect(self._on_text_changed)

    def text(self) -> str:
        r"""Return the text as it is, with "\n" between lines and no space made of another."""
        return self.document().toRawText().replace("\u2029", "\n")

    def set_text(self, text: str, is_other: bool = False, keeps_place: bool = False) -> bool:
        """Show a text; False: it cannot be edited faithfully.

        The cursor goes to what changed, or to the end of another caption (`is_other`), or stays
        at the words it is at (`keeps_place`): the person goes on typing there.
        """
        before = self.text()
        if text == before:
            return True
        end = len(text) if is_other else _end_of_change(before, text)
        if keeps_place and not is_other:
            end = _same_place(before, text, offset(before, self.textCursor().position()))
        cursor_at = units(text[:end])
        self._setting = True
        self.setPlainText(text)
        self._setting = False
        cursor = self.textCursor()
        cursor.setPosition(min(cursor_at, self.document().characterCount() - 1))
        self.setTextCursor(cursor)
        return self.text() == text

    def set_separator(self, separator: str) -> None:
        """Set the sign between phrases apart from the words."""
        self._separators.set_separator(separator)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Underline the places of these findings; their words come as tooltips."""
        self._problems = problems
        self._underline()

    def select_place(self, start: int, end: int) -> None:
        """Select a stretch of the caption and go there."""
        self.setTextCursor(self._span(self.textCursor(), start, end))
        self.setFocus()

    def position(self) -> int:
        """Return where the cursor stands, in characters."""
        return offset(self.text(), self.textCursor().position())

    def replace_place(self, start: int, end: int, text: str) -> None:
        """Put a text in place of a stretch, as if it were typed; the cursor goes behind it."""
        cursor = self._span(self.textCursor(), start, end)
        cursor.insertText(text)
        self.setTextCursor(cursor)

    def show_found(
        self, spans: Sequence[tuple[int, int]], current: int = -1, go: bool = False
    ) -> None:
        """Mark stretches that were searched for, one as the `current`; `go` moves the cursor."""
        self._found = [(start, end, index == current) for index, (start, end) in enumerate(spans)]
        if go and 0 <= current < len(spans):
            cursor = self._span(self.textCursor(), *spans[current])
            cursor.setPosition(cursor.position())
            self.setTextCursor(cursor)
        self._underline()

    def problem_at(self, position: int) -> str:
        """Return the words of the findings at a character."""
        found = []
        for problem in self._problems:
            span = place(problem)
            if span is not None and span[0] <= position <= span[1]:
                found.append(f"{problem.message}\n{problem.hint}".strip())
        return "\n\n".join(found)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            ours = not any(event.matches(key) for key in _NOT_OURS)
            if not ours or event.key() in _PANEL_KEYS:
                event.ignore()
                return False
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cursor = self.cursorForPosition(self.viewport().mapFrom(self, event.pos()))
            position = offset(self.text(), cursor.position())
            QToolTip.showText(event.globalPos(), self.problem_at(position), self)
            return True
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._separators.rehighlight()
            self._underline()
        super().changeEvent(event)

    def _on_text_changed(self) -> None:
        if not self._setting:
            self.edited.emit(self.text())

    def _underline(self) -> None:
        marks = []
        for problem in self._problems:
            span = place(problem)
            if span is not None:
                marks.append(self._mark(problem, *span))
        self.setExtraSelections([*marks, *(self._found_mark(*found) for found in self._found)])

    def _span(self, cursor: QTextCursor, start: int, end: int) -> QTextCursor:
        """Let a cursor select characters; Qt counts UTF-16 units, an emoji is two of them."""
        text = self.text()
        cursor.setPosition(units(text[:start]))
        cursor.setPosition(units(text[:end]), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _mark(self, problem: Problem, start: int, end: int) -> QTextEdit.ExtraSelection:
        colours = theme.tokens()
        inks = {"error": colours.danger, "warning": colours.warning}
        mark = QTextEdit.ExtraSelection()
        style = QTextCharFormat()
        wavy = problem.code == "spelling"
        line = QTextCharFormat.UnderlineStyle
        style.setUnderlineStyle(line.WaveUnderline if wavy else line.SingleUnderline)
        style.setUnderlineColor(inks.get(problem.severity, colours.accent_text))
        cursor = self._span(QTextCursor(self.document()), start, max(end, start + 1))
        # Attributes of a C++ struct: pyright sees plain values where Qt has setters.
        mark.cursor, mark.format = cursor, style  # pyright: ignore[reportAttributeAccessIssue]
        return mark

    def _found_mark(self, start: int, end: int, current: bool) -> QTextEdit.ExtraSelection:
        colours = theme.tokens()
        mark = QTextEdit.ExtraSelection()
        style = QTextCharFormat()
        style.setBackground(colours.warning if current else colours.warning_soft)
        style.setForeground(colours.surface if current else colours.text)
        cursor = self._span(QTextCursor(self.document()), start, end)
        mark.cursor, mark.format = cursor, style  # pyright: ignore[reportAttributeAccessIssue]
        return mark


class SeparatorMarks(QSyntaxHighlighter):
    """Sets the separators apart, so that phrases can be told at a glance."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._separator = ","

    def set_separator(self, separator: str) -> None:
        """Mark this sign from now on."""
        if separator != self._separator:
            self._separator = separator
            self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        sign = self._separator.strip()
        style = QTextCharFormat()
        style.setForeground(QColor(theme.tokens().accent_text))
        style.setFontWeight(700)
        start = text.find(sign) if sign else -1
        while start >= 0:
            self.setFormat(start, len(sign), style)
            start = text.find(sign, start + len(sign))


def _end_of_change(before: str, after: str) -> int:
    """Return the offset in `after` behind what differs from `before`."""
    head = common(before, after)
    tail = common(before[head:][::-1], after[head:][::-1])
    return len(after) - tail


def _same_place(before: str, after: str, at: int) -> int:
    """Return where in `after` the words are that stand at `at` in `before`."""
    head = common(before, after)
    tail = common(before[head:][::-1], after[head:][::-1])
    if at <= head:
        return at
    if at >= len(before) - tail:
        return at + len(after) - len(before)
    return min(at, len(after) - tail)
