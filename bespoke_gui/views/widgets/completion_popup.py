"""Completion popup: offers for the phrase being typed, below the cursor; never takes the focus."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QVBoxLayout

from bespoke_gui.core.completion import LEAST, Completion, Offer, typed_at
from bespoke_gui.qtmodels.rows import Index
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.caption_editor import CaptionEditor
from bespoke_gui.views.widgets.counted_delegate import ROW, CountedDelegate

ROWS = 8
WIDTH = 420
OFFER = Qt.ItemDataRole.UserRole


class CompletionPopup(QFrame):
    """Offers while typing: Tab or Return takes one, Up and Down choose, Escape closes.

    Ctrl+Space asks for offers before two characters are typed. `ready` returns what to offer.
    """

    def __init__(self, editor: CaptionEditor, ready: Callable[[], Completion]) -> None:
        super().__init__(editor)
        self._editor, self._ready = editor, ready
        theme.set_kind(self, "popup")
        self.list = QListWidget()
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setItemDelegate(CountedDelegate(_aside, parent=self.list))
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName("Completions")
        theme.set_kind(self.list, "plain")
        self.list.itemClicked.connect(lambda _: self.take())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self.list)
        editor.edited.connect(lambda _: self.offer())
        editor.installEventFilter(self)
        self.hide()

    def offer(self, least: int = LEAST) -> None:
        """Show what the phrase at the cursor may become; nothing to offer hides the popup."""
        text, cursor = self._editor.text(), self._editor.position()
        ready = self._ready()
        typed = typed_at(text, cursor, ready.separator)
        at_end = cursor == typed.end
        found = ready.offers(typed.text, most=ROWS, least=least)
        if not (at_end and found and self._editor.hasFocus()):
            self.hide()
            return
        self._fill(found)
        self._place()
        self.show()
        self.raise_()

    def take(self) -> None:
        """Put the chosen offer in place of what was typed."""
        item = self.list.currentItem()
        if item is None:
            return
        text = self._editor.text()
        typed = typed_at(text, self._editor.position(), self._ready().separator)
        offer: Offer = item.data(OFFER)
        self._editor.replace_place(typed.start, typed.end, offer.text)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.hide()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._on_key(event)
        return super().eventFilter(watched, event)

    def _on_key(self, event: QKeyEvent) -> bool:
        ctrl = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() == Qt.Key.Key_Space and ctrl:
            self.offer(least=1)
            return True
        if not self.isVisible() or ctrl:
            return False
        match event.key():
            case Qt.Key.Key_Down | Qt.Key.Key_Up:
                self._step(1 if event.key() == Qt.Key.Key_Down else -1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Tab:
                self.take()
            case Qt.Key.Key_Escape:
                self.hide()
            case Qt.Key.Key_Left | Qt.Key.Key_Right | Qt.Key.Key_Home | Qt.Key.Key_End:
                self.hide()
                return False
            case _:
                return False
        return True

    def _step(self, by: int) -> None:
        self.list.setCurrentRow((self.list.currentRow() + by) % self.list.count())

    def _fill(self, offers: list[Offer]) -> None:
        self.list.clear()
        for offer in offers:
            item = QListWidgetItem(offer.text)
            item.setData(OFFER, offer)
            item.setToolTip(offer.text)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _place(self) -> None:
        """Stand below the cursor, inside the window; above it where there is no room."""
        window = self._editor.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        height = self.list.count() * ROW + 12
        cursor = self._editor.cursorRect()
        corner = self._editor.viewport().mapTo(window, cursor.bottomLeft())
        left = min(corner.x(), window.width() - WIDTH - 8)
        top = corner.y() + 4
        if top + height > window.height() - 8:
            top = corner.y() - cursor.height() - height - 4
        self.setGeometry(QRect(max(8, left), top, WIDTH, height))


def _aside(index: Index) -> str:
    offer: Offer = index.data(OFFER)
    if offer.own:
        return f"{offer.count}×"
    return f"tag, {offer.alias}" if offer.alias else "tag"
