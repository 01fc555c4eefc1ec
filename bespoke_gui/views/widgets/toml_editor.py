"""TOML editor: raw text with line numbers, colours, and marks at the lines of findings."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip, QWidget

from bespoke_gui.core.errors import Problem
from bespoke_gui.views import icons, theme
from bespoke_gui.views.widgets.findings import SIGNS
from bespoke_gui.views.widgets.text_units import common, units
from bespoke_gui.views.widgets.toml_colours import TomlColours

RANK = ("error", "warning", "info")
SIGN = 14
Marks = Mapping[int, list[Problem]]


class TomlEditor(QPlainTextEdit):
    """Edits one config as text. `edited` carries the whole text after each change by the person.

    Undo is the config's, shared with the form: `undo_wanted` and `redo_wanted` ask for it.
    """

    edited = Signal(str)
    undo_wanted = Signal()
    redo_wanted = Signal()
    line_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.marks: Marks = {}
        self._setting = False
        self.setUndoRedoEnabled(False)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFont(theme.fixed_font(1.0))
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        self.setAccessibleName("Config as TOML")
        self._colours = TomlColours(self.document())
        self.gutter = _Gutter(self)
        self.textChanged.connect(self._on_text_changed)
        self.blockCountChanged.connect(self._fit_gutter)
        self.updateRequest.connect(self._on_update)
        self.cursorPositionChanged.connect(self._on_cursor)
        self._fit_gutter()

    def text(self) -> str:
        r"""Return the text as it is, with "\n" between lines."""
        return self.document().toRawText().replace("\u2029", "\n")

    def set_text(self, text: str, is_other: bool = False) -> None:
        """Show a text; only what differs is put in, so that place and view stay.

        A text that cannot be shown faithfully can be read but not edited.
        """
        before = self.text()
        if text != before:
            self._setting = True
            if is_other:
                self.setPlainText(text)
            else:
                self._replace(before, text)
            self._setting = False
        self.setReadOnly(self.text() != text)

    def show_marks(self, marks: Marks) -> None:
        """Mark lines (from 1) with the findings about them."""
        self.marks = marks
        self._highlight()
        self.gutter.update()

    def line(self) -> int:
        """Return the line of the cursor, from 1."""
        return self.textCursor().blockNumber() + 1

    def go_to_line(self, line: int) -> None:
        """Put the cursor at the start of a line, in the middle of the view."""
        block = self.document().findBlockByNumber(max(0, line - 1))
        if block.isValid():
            self.setTextCursor(QTextCursor(block))
            self.centerCursor()
        self.setFocus()

    def words_at(self, line: int) -> str:
        """Return the findings of a line in words."""
        found = self.marks.get(line, [])
        return "\n\n".join(f"{one.message}\n{one.hint}".strip() for one in found)

    # -- events ---------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence.StandardKey
            if event.matches(keys.Undo) or event.matches(keys.Redo):
                event.accept()
                return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cursor = self.cursorForPosition(self.viewport().mapFrom(self, event.pos()))
            words = self.words_at(cursor.blockNumber() + 1)
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self.redo_wanted.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        area = self.contentsRect()
        self.gutter.setGeometry(
            QRect(area.left(), area.top(), self.gutter.sizeHint().width(), area.height())
        )

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colours.rehighlight()
            self._highlight()

    # -- inside ---------------------------------------------------------------------------------

    def _replace(self, before: str, text: str) -> None:
        head = common(before, text)
        tail = common(before[head:][::-1], text[head:][::-1])
        cursor = QTextCursor(self.document())
        cursor.setPosition(units(before[:head]))
        end = units(before[: len(before) - tail])
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text[head : len(text) - tail])

    def _on_text_changed(self) -> None:
        if not self._setting:
            self.edited.emit(self.text())

    def _on_cursor(self) -> None:
        self._highlight()
        self.line_changed.emit(self.line())

    def _on_update(self, area: QRect, dy: int) -> None:
        if dy:
            self.gutter.scroll(0, dy)
        else:
            self.gutter.update(0, area.y(), self.gutter.width(), area.height())

    def _fit_gutter(self) -> None:
        self.setViewportMargins(self.gutter.sizeHint().width(), 0, 0, 0)
        self.gutter.resize(self.gutter.sizeHint().width(), self.gutter.height())

    def _highlight(self) -> None:
        colours = theme.tokens()
        marks = [self._line_mark(self.textCursor(), colours.hover)]
        for line, problems in self.marks.items():
            block = self.document().findBlockByNumber(line - 1)
            worst = worst_of(problems)
            if block.isValid() and worst != "info":
                soft = colours.danger_soft if worst == "error" else colours.warning_soft
                marks.append(self._line_mark(QTextCursor(block), soft))
            if block.isValid():
                marks.append(self._underline(block, getattr(colours, SIGNS[worst][1])))
        self.setExtraSelections(marks)

    def _line_mark(self, cursor: QTextCursor, colour: QColor) -> QTextEdit.ExtraSelection:
        style = QTextCharFormat()
        style.setBackground(colour)
        style.setProperty(QTextFormat.Property.FullWidthSelection, True)
        cursor.clearSelection()
        return _selection(cursor, style)

    def _underline(self, block, colour: QColor) -> QTextEdit.ExtraSelection:
        style = QTextCharFormat()
        style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        style.setUnderlineColor(colour)
        text = block.text().split("#")[0].rstrip()
        cursor = QTextCursor(block)
        start = len(text) - len(text.lstrip())
        cursor.setPosition(block.position() + start)
        end = block.position() + max(start, units(text))
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        return _selection(cursor, style)


class _Gutter(QWidget):
    """Line numbers, and the sign of the worst finding of each line."""

    def __init__(self, editor: TomlEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:
        digits = max(3, len(str(self._editor.blockCount())))
        width = self.fontMetrics().horizontalAdvance("9") * digits
        return QSize(width + SIGN + 18, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.tokens()
        painter = QPainter(self)
        painter.fillRect(event.rect(), colours.raised)
        painter.setPen(colours.line)
        painter.drawLine(
            self.width() - 1, event.rect().top(), self.width() - 1, event.rect().bottom()
        )
        painter.setFont(theme.font(0.9, tabular=True))
        editor, current = self._editor, self._editor.line()
        block = editor.firstVisibleBlock()
        top = editor.blockBoundingGeometry(block).translated(editor.contentOffset()).top()
        while block.isValid() and top <= event.rect().bottom():
            height = editor.blockBoundingRect(block).height()
            self._paint_line(
                painter, block.blockNumber() + 1, QRectF(0, top, self.width(), height), current
            )
            top += height
            block = block.next()

    def _paint_line(self, painter: QPainter, line: int, area: QRectF, current: int) -> None:
        colours = theme.tokens()
        painter.setPen(colours.text if line == current else colours.muted)
        painter.drawText(
            area.adjusted(0, 0, -8, 0),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            str(line),
        )
        problems = self._editor.marks.get(line)
        if problems:
            name, token = SIGNS[worst_of(problems)]
            place = QRectF(4, area.center().y() - SIGN / 2, SIGN, SIGN)
            icons.paint(painter, name, place, getattr(colours, token))


def worst_of(problems: list[Problem]) -> str:
    """Return the worst severity of some findings."""
    found = {problem.severity for problem in problems}
    return next((severity for severity in RANK if severity in found), "info")


def _selection(cursor: QTextCursor, style: QTextCharFormat) -> QTextEdit.ExtraSelection:
    mark = QTextEdit.ExtraSelection()
    # Attributes of a C++ struct: pyright sees plain values where Qt has setters.
    mark.cursor, mark.format = cursor, style  # pyright: ignore[reportAttributeAccessIssue]
    return mark
