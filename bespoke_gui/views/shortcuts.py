"""Shortcuts: keys that work in a widget and below it, with words for the shortcut sheet."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


def add_shortcut(owner: QWidget, keys: str, words: str, run: Callable[[], object]) -> QShortcut:
    """Let `keys` call `run` while the focus is in `owner`; `words` say what it does."""
    shortcut = QShortcut(QKeySequence(keys), owner)
    shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    shortcut.setWhatsThis(words)
    # A wrapper: what `activated` carries must not reach a function with optional parameters.
    shortcut.activated.connect(lambda: run())
    return shortcut
