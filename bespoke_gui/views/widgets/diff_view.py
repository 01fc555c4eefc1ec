"""Diff view: an earlier and a later caption by words, in one text or side by side."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QTextBrowser, QVBoxLayout, QWidget

from bespoke_gui.core.worddiff import TextDiff
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.diff_runs import (
    AFTER,
    BEFORE,
    BOTH,
    MOVED_IN,
    MOVED_OUT,
    PLAIN,
    Run,
    char_format,
    runs,
)
from bespoke_gui.views.widgets.parts import muted

INLINE, SIDES = "inline", "sides"
TIPS = {
    MOVED_OUT: "Stood here; moved to where the arrow points. Click to put it back",
    MOVED_IN: "Moved here from another place. Click to put it back",
}
CLICK = "Click to put the earlier words back; right-click for the whole phrase"


class DiffView(QWidget):
    """Shows a TextDiff. Lost words are red and struck through, gained ones green, moved ones calm.

    `piece_clicked` carries the id of the piece that was clicked, `phrase_clicked` an offset in
    the later text: the phrase there is to be put back.
    """

    piece_clicked = Signal(int)
    phrase_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._diff: TextDiff | None = None
        self._mode = INLINE
        self._places: dict[QTextBrowser, list[tuple[int, int, Run]]] = {}
        self._left = self._browser("Before")
        self._right = self._browser("After")
        self._left_side, self._left_title = self._side("Before", self._left)
        self._right_side, self._right_title = self._side("After", self._right)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._left_side, 1)
        layout.addWidget(self._right_side, 1)
        self.set_mode(INLINE)

    def set_mode(self, mode: str) -> None:
        """Show one text (INLINE) or both side by side (SIDES)."""
        self._mode = mode
        self._left_side.setVisible(mode == SIDES)
        self._right_title.setVisible(mode == SIDES)
        self._fill()

    def mode(self) -> str:
        """Return the way texts are shown."""
        return self._mode

    def set_titles(self, before: str, after: str) -> None:
        """Name the two texts."""
        self._left_title.setText(before)
        self._right_title.setText(after)

    def show_diff(self, diff: TextDiff | None) -> None:
        """Show a diff; None shows nothing."""
        if diff != self._diff:
            self._diff = diff
            self._fill()

    def plain_text(self) -> str:
        """Return the words that are shown, the right-hand text last."""
        texts = [self._left.toPlainText()] if self._mode == SIDES else []
        return "\n".join([*texts, self._right.toPlainText()])

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._fill()
        super().changeEvent(event)

    def _browser(self, name: str) -> QTextBrowser:
        browser = QTextBrowser()
        browser.setOpenLinks(False)
        browser.setAccessibleName(name)
        browser.setFont(theme.font(1.2))
        browser.document().setDocumentMargin(12)
        browser.setTabChangesFocus(False)
        browser.anchorClicked.connect(self._on_anchor)
        browser.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        browser.customContextMenuRequested.connect(lambda at: self._show_menu(browser, at))
        return browser

    def _side(self, title: str, browser: QTextBrowser) -> tuple[QWidget, QLabel]:
        label = muted(title, wrap=False)
        holder = QWidget()
        layout = QVBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(label)
        layout.addWidget(browser, 1)
        return holder, label

    def _on_anchor(self, url: QUrl) -> None:
        self.piece_clicked.emit(int(url.toString().rpartition(":")[2]))

    def _show_menu(self, browser: QTextBrowser, at: QPoint) -> None:
        menu = self.menu(browser, browser.cursorForPosition(at).position())
        menu.exec(browser.viewport().mapToGlobal(at))
        menu.deleteLater()

    def menu(self, browser: QTextBrowser, position: int) -> QMenu:
        """Return what can be done at a place of the text shown."""
        menu = QMenu(self)
        run, offset = self._at(browser, position)
        piece = menu.addAction("Put this piece back")
        piece.setEnabled(run is not None and run.id > 0)
        piece.triggered.connect(lambda: self.piece_clicked.emit(run.id if run else 0))
        phrase = menu.addAction("Put this phrase back")
        phrase.setEnabled(run is not None)
        phrase.triggered.connect(lambda: self.phrase_clicked.emit(offset))
        menu.addSeparator()
        copy = menu.addAction("Copy")
        copy.setEnabled(browser.textCursor().hasSelection())
        copy.triggered.connect(browser.copy)
        return menu

    def _at(self, browser: QTextBrowser, position: int) -> tuple[Run | None, int]:
        """Return the run at a place of the text shown, and the offset there in the later text."""
        for start, offset, run in reversed(self._places.get(browser, [])):
            if start <= position:
                inside = position - start if run.look == PLAIN else 0
                return run, offset + min(inside, max(run.length - 1, 0))
        return None, 0

    def _fill(self) -> None:
        pieces = self._diff.pieces if self._diff is not None else []
        if self._mode == SIDES:
            self._write(self._left, runs(pieces, BEFORE))
            self._write(self._right, runs(pieces, AFTER))
        else:
            self._write(self._right, runs(pieces, BOTH))

    def _write(self, browser: QTextBrowser, found: Iterable[Run]) -> None:
        """Write runs with their colours and links, and remember where each of them is."""
        browser.clear()
        cursor = QTextCursor(browser.document())
        places, offset = [], 0
        for run in found:
            places.append((cursor.position(), offset, run))
            cursor.insertText(run.text, _linked(run))
            offset += run.length
        self._places[browser] = places
        browser.moveCursor(QTextCursor.MoveOperation.Start)


def _linked(run: Run) -> QTextCharFormat:
    style = char_format(run.look)
    if run.id:
        style.setFontUnderline(False)
        style.setAnchor(True)
        style.setAnchorHref(f"piece:{run.id}")
        style.setToolTip(TIPS.get(run.look, CLICK))
    return style
