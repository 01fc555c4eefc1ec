"""Raw log view: the trainer's own text, of any size: a window of it that moves as one scrolls."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent, QTextBlock, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from bespoke_gui.core.raw_log import Window
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.raw_log_desk import BOTTOM, END, TOP, RawLogDesk
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.found_marks import found_marks
from bespoke_gui.views.widgets.parts import button, muted, row

NOTHING = "The trainer has printed nothing yet"


class RawLogView(QWidget):
    """`told` comes when the words about the search are others. Text is only ever text here."""

    told = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = RawLogDesk(self)
        self._is_filling = False
        self._build()
        self.desk.read.connect(self._on_read)
        self.desk.searched.connect(self._on_searched)

    def open(self, path: Path | None) -> None:
        """Show the log of another run."""
        self.desk.open(path)

    def search(self, words: str) -> None:
        """Look for words in the whole log."""
        self.desk.search(words)

    def find_next(self, backward: bool = False) -> bool:
        """Go to the next line with the words, or the one before."""
        return self.desk.go(backward)

    def found_words(self) -> str:
        """Return how many lines hold the words and which is current; "" while nothing is asked."""
        desk, hits = self.desk, self.desk.hits
        if not hits.words:
            return ""
        if desk.is_searching and not hits:
            return f"searching, {100 * (desk.share or 0):.0f}%"
        if not hits:
            return "not found"
        most = "+" if hits.full else ""
        if desk.at < 0:
            return f"{wording.count(len(hits), 'line')}{most}"
        return f"{desk.place + 1:,} of {len(hits):,}{most}, line {hits.lines[desk.place]:,}"

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.desk.show(True)
        self._on_searched()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.desk.show(False)

    # -- showing ----------------------------------------------------------------------------

    def _on_read(self, window: Window, offset: int, where: str) -> None:
        self._is_filling = True
        self.text.setPlainText("\n".join(window.rows))
        self._put(window.row_of(offset), where)
        self._is_filling = False
        self._say(window)
        self._mark()

    def _put(self, number: int, where: str) -> None:
        """Bring a row into view; a hit becomes the cursor's place."""
        bar = self.text.verticalScrollBar()
        if where == END:
            bar.setValue(bar.maximum())
            return
        rows = max(1, self.text.viewport().height() // self.text.fontMetrics().lineSpacing())
        above = {TOP: 0, BOTTOM: rows - 1}.get(where, rows // 2)
        block = self.text.document().findBlockByNumber(number)
        bar.setValue(max(0, number - above))
        if self.desk.at >= 0 and where not in (TOP, BOTTOM):
            self._select(block)

    def _select(self, block: QTextBlock) -> None:
        words = self.desk.hits.words
        cursor = QTextCursor(block)
        found = self.text.document().find(words, cursor)
        if not found.isNull() and found.blockNumber() <= block.blockNumber() + 1:
            cursor = found
        value = self.text.verticalScrollBar().value()
        self.text.setTextCursor(cursor)
        self.text.verticalScrollBar().setValue(value)

    def _say(self, window: Window) -> None:
        if not window.total:
            self.where.setText(NOTHING)
        elif window.begin == 0 and window.end == window.total:
            self.where.setText(f"log.txt, {wording.size(window.total)}")
        else:
            shares = [100 * at / window.total for at in (window.begin, window.end)]
            span = f"{shares[0]:.1f} to {shares[1]:.1f}%"
            self.where.setText(f"log.txt, {span} of {wording.size(window.total)}")
        self.first.setEnabled(window.begin > 0)
        self.last.setEnabled(window.end < window.total or not self.desk.follows)

    def _on_searched(self) -> None:
        if self.isVisible() and self.desk.at < 0 and self.desk.hits:
            self.desk.go()
        self._mark()
        self.told.emit()

    def _mark(self) -> None:
        self.text.setExtraSelections(found_marks(self.text, self.desk.hits.words))

    def _on_scrolled(self, value: int) -> None:
        if self._is_filling:
            return
        bar = self.text.verticalScrollBar()
        if value == bar.minimum():
            self.desk.earlier()
        elif value == bar.maximum():
            self.desk.later()
            self.desk.follows = self.desk.window.end == self.desk.window.total
        else:
            self.desk.follows = False
        self._mark()

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setAccessibleName("What the trainer printed")
        self.text.setFont(theme.fixed_font(0.92))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setUndoRedoEnabled(False)
        self.text.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.where = muted(NOTHING, wrap=False)
        self.first = button("Beginning", "Go to the first line of the file", "link-line")
        self.first.clicked.connect(lambda: self.desk.see(0, TOP))
        self.last = button("End", "Go to the last line, and follow what is written", "link-line")
        self.last.clicked.connect(lambda: self.desk.see(None))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.text, 1)
        layout.addLayout(row(self.where, None, self.first, self.last, spacing=16))
