"""Found marks: how what was searched for stands out in a text."""

from __future__ import annotations

from PySide6.QtGui import QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from bespoke_gui.views import theme

MOST_MARKED = 500
FORWARD = QTextDocument.FindFlag(0)


def found_marks(text: QPlainTextEdit, words: str) -> list[QTextEdit.ExtraSelection]:
    """Return marks of the first matches in view and below it: nobody sees the others."""
    found: list[QTextEdit.ExtraSelection] = []
    if not words:
        return found
    look = QTextCharFormat()
    look.setBackground(theme.tokens().warning_soft)
    look.setForeground(theme.tokens().text)
    top = text.cursorForPosition(text.viewport().rect().topLeft())
    cursor = text.document().find(words, top.position(), FORWARD)
    while not cursor.isNull() and len(found) < MOST_MARKED:
        mark = QTextEdit.ExtraSelection()
        mark.cursor, mark.format = cursor, look  # type: ignore[attr-defined]
        found.append(mark)
        cursor = text.document().find(words, cursor, FORWARD)
    return found
