"""Piece list: every change of one caption in a line of its own, with the way back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from bespoke_gui.core.diff_pieces import Piece
from bespoke_gui.core.worddiff import TextDiff, phrase_in
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import button, scrolling

LONGEST = 90
MOST_LINES = 60


class PieceList(QWidget):
    """Shows the changed pieces of a TextDiff. `put_back` carries the id of one of them."""

    put_back = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._diff: TextDiff | None = None
        self._page = QWidget()
        self._lines = QVBoxLayout(self._page)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolling(self._page))
        self.setMinimumHeight(40)

    def show_diff(self, diff: TextDiff | None) -> None:
        """List the changes of a diff; None and equal texts list nothing."""
        if diff == self._diff:
            return
        self._diff = diff
        self._fill()

    def rows(self) -> list[str]:
        """Return the words of every line."""
        return [line.words for line in self._page.findChildren(PieceLine)]

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._fill()
        super().changeEvent(event)

    def _fill(self) -> None:
        while (item := self._lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                # Hidden first: Qt shows what a layout took a moment later, by then as a window.
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        pieces = [p for p in self._diff.pieces if p.id] if self._diff is not None else []
        changes = {piece.id: piece for piece in reversed(pieces)}
        separator = self._diff.separator if self._diff is not None else ","
        for number in sorted(changes)[:MOST_LINES]:
            line = PieceLine(changes[number], separator)
            line.back.clicked.connect(lambda _=False, number=number: self.put_back.emit(number))
            self._lines.addWidget(line)
        if len(changes) > MOST_LINES:
            self._lines.addWidget(
                QLabel(f"and {len(changes) - MOST_LINES} more, in the text above")
            )
        self._lines.addStretch(1)


class PieceLine(QWidget):
    """One change: what went, what came, and a button that puts the earlier words back."""

    def __init__(self, piece: Piece, separator: str) -> None:
        super().__init__()
        gone, come = _short(piece.before, separator), _short(piece.after, separator)
        moved = piece.kind == "moved"
        self.words = " → ".join(part for part in (gone, come) if part)
        if moved:
            self.words = f"moved: {gone or come}"
        self.back = button("Put back" if piece.before or moved else "Take out", kind="link")
        self.back.setAccessibleName(f"{self.back.text()}: {self.words}")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(8)
        label = QLabel(_moved(gone or come) if moved else _coloured(gone, come), wordWrap=True)
        label.setTextFormat(Qt.TextFormat.RichText)
        layout.addWidget(label, 1)
        layout.addWidget(self.back, 0, Qt.AlignmentFlag.AlignTop)


def _short(text: str, separator: str) -> str:
    words = phrase_in(text, separator) or text.replace(" ", "␣").replace("\n", "⏎")
    return words if len(words) <= LONGEST else f"{words[:LONGEST].rstrip()}…"


def _moved(phrase: str) -> str:
    colours = theme.tokens()
    return (
        f'<span style="color:{colours.muted.name()}">moved → </span>'
        f'<span style="color:{colours.accent_text.name()}">{_safe(phrase)}</span>'
    )


def _coloured(gone: str, come: str) -> str:
    colours = theme.tokens()
    parts = []
    if gone:
        parts.append(f'<s style="color:{colours.diff_removed.name()}">{_safe(gone)}</s>')
    if come:
        parts.append(f'<span style="color:{colours.diff_added.name()}">{_safe(come)}</span>')
    return f' <span style="color:{colours.muted.name()}">→</span> '.join(parts)


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
