"""Places: a drawing of which one part can be chosen, by a click or by the keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget


class Places(QWidget):
    """`chosen` carries the place that became `current`, -1 when none is any more."""

    chosen = Signal(int)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._under = -1
        self.current = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(title)

    def count(self) -> int:
        """Return how many places there are."""
        raise NotImplementedError

    def words(self) -> str:
        """Return the current place in words, empty without one."""
        raise NotImplementedError

    def place_at(self, point: QPointF) -> int:
        """Return the place at a point, -1 where there is none."""
        raise NotImplementedError

    def moves(self) -> dict[Qt.Key, int]:
        """Return the places that keys go to from the current one."""
        return {Qt.Key.Key_Home: 0, Qt.Key.Key_End: self.count() - 1}

    def choose(self, place: int) -> None:
        """Make a place the current one; -1 for none."""
        self.current = place
        self.setAccessibleDescription(self.words())
        self.chosen.emit(place)
        self.update()

    def forget(self) -> None:
        """Choose none, without a word: there are other places now."""
        self.current, self._under = -1, -1
        self.updateGeometry()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.place_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def _hover(self, place: int) -> None:
        if place != self._under:
            self._under = place
            shape = Qt.CursorShape.PointingHandCursor if place >= 0 else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and place >= 0:
            self.choose(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        place = self.moves().get(Qt.Key(event.key()))
        if place is None or not self.count():
            super().keyPressEvent(event)
        elif place != self.current:
            self.choose(place)


class Bars(Places):
    """Places in a row that can also be let go: by a click on the current one, or Escape.

    back, forth: the arrow keys along them.
    """

    def __init__(
        self, title: str, back: Qt.Key, forth: Qt.Key, parent: QWidget | None = None
    ) -> None:
        super().__init__(title, parent)
        self._back, self._forth = back, forth

    def choose(self, place: int) -> None:
        """Choose a bar; the one that is chosen already, or -1, chooses none."""
        super().choose(-1 if place == self.current else place)

    def moves(self) -> dict[Qt.Key, int]:
        """Return the places that keys go to; Escape chooses none where one is chosen."""
        at = self.current
        along = {self._back: max(0, at - 1), self._forth: min(self.count() - 1, at + 1)}
        none = {Qt.Key.Key_Escape: -1} if at >= 0 else {}
        return super().moves() | along | none
