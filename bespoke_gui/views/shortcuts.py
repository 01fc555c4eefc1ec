"""Shortcuts: keys that work in a widget and below it, with words for the shortcut sheet."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


def add_shortcut(
    owner: QWidget, keys: str, words: str, run: Callable[[], object], over_window: bool = False
) -> QShortcut:
    """Let `keys` call `run` while the focus is in `owner`; `words` say what it does.

    over_window: the window's menu has these keys too, and gives way to `owner` here.
    """
    shortcut = QShortcut(QKeySequence(keys), owner)
    shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    shortcut.setWhatsThis(words)
    # A wrapper: what `activated` carries must not reach a function with optional parameters.
    shortcut.activated.connect(lambda: run())
    if over_window:
        owner.installEventFilter(_Before(shortcut))
    return shortcut


class _Before(QObject):
    """Takes the keys of a shortcut before the window does: Qt does nothing for keys of both."""

    def __init__(self, shortcut: QShortcut) -> None:
        super().__init__(shortcut)
        self._shortcut = shortcut

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and self._is_meant(event):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._shortcut.activated.emit()
                return True
        return False

    def _is_meant(self, event: QKeyEvent) -> bool:
        keys = QKeySequence(event.keyCombination())
        return self._shortcut.isEnabled() and keys == self._shortcut.key()
