"""Diff view: an earlier and a later caption by words, in one text or side by side."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QUrl, Signal
from PySide6.QtGui import QFont, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTextBrowser, QVBoxLayout, QWidget

from bespoke_gui.core.worddiff import Op, TextDiff
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import muted

INLINE, SIDES = "inline", "sides"


class DiffView(QWidget):
    """Shows a TextDiff. Lost words are red and struck through, gained ones green.

    `piece_clicked` carries the index of the diff's step that was clicked.
    """

    piece_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._diff: TextDiff | None = None
        self._mode = INLINE
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

    def _fill(self) -> None:
        ops = list(enumerate(self._diff.ops)) if self._diff is not None else []
        if self._mode == SIDES:
            write(self._left, ((i, op, op.before, "") for i, op in ops))
            write(self._right, ((i, op, "", op.after) for i, op in ops))
        else:
            write(self._right, ((i, op, op.before, op.after) for i, op in ops))


def write(browser: QTextBrowser, pieces: Iterable[tuple[int, Op, str, str]]) -> None:
    """Write pieces (index, step, words before, words after) with their colours and links."""
    browser.clear()
    cursor = QTextCursor(browser.document())
    for index, op, before, after in pieces:
        if op.op == "equal":
            cursor.insertText(before or after, _plain())
            continue
        if before:
            cursor.insertText(_shown(before), _marked(index, removed=True))
        if before and after:
            # A little room between the two, so that they do not read as one word.
            cursor.insertText("\u2009", _plain())
        if after:
            cursor.insertText(_shown(after), _marked(index, removed=False))
    browser.moveCursor(QTextCursor.MoveOperation.Start)


def _shown(text: str) -> str:
    """Make changed spaces and line ends visible, where nothing else changed."""
    return text.replace(" ", "␣").replace("\n", "⏎\n") if text.isspace() else text


def _plain() -> QTextCharFormat:
    style = QTextCharFormat()
    style.setForeground(theme.tokens().text)
    return style


def _marked(index: int, removed: bool) -> QTextCharFormat:
    colours = theme.tokens()
    style = QTextCharFormat()
    style.setForeground(colours.diff_removed if removed else colours.diff_added)
    style.setBackground(colours.diff_removed_back if removed else colours.diff_added_back)
    style.setFontStrikeOut(removed)
    style.setFontWeight(QFont.Weight.Normal if removed else QFont.Weight.DemiBold)
    style.setFontUnderline(False)
    style.setAnchor(True)
    style.setAnchorHref(f"piece:{index}")
    style.setToolTip("Click to put the earlier words back")
    return style
