"""Shortcut sheet: every key that does something now, with words; it asks the window itself."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QGridLayout, QVBoxLayout, QWidget

from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import badge, heading, muted, row, scrolling

COLUMNS = 2


class ShortcutSheet(QDialog):
    """Lists the shortcuts of a window's menus and of the place that is open."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setSpacing(16)
        groups = (("This place", _of_place(window)), ("Everywhere", _of_menus(window)))
        self.rows = [pair for _, pairs in groups for pair in pairs]
        for title, pairs in groups:
            if pairs:
                layout.addWidget(heading(title, 1.15))
                layout.addLayout(_table(pairs))
        layout.addStretch(1)
        outer = QVBoxLayout(self)
        outer.addWidget(scrolling(page))
        outer.addWidget(muted("F1 or Escape closes this sheet."))
        self.resize(760, 560)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F1:
            self.close()
        else:
            super().keyPressEvent(event)


def _table(pairs: list[tuple[str, str]]) -> QGridLayout:
    """Return the rows in two columns, read downwards."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    deep = -(-len(pairs) // COLUMNS)
    for index, (keys, words) in enumerate(pairs):
        line, column = index % deep, index // deep
        caps = row(*(badge(part) for part in keys.split(" / ")), None, spacing=4)
        grid.addLayout(caps, line, 2 * column)
        label = muted(words, wrap=False)
        theme.set_kind(label, "")
        grid.addWidget(label, line, 2 * column + 1)
        grid.setColumnStretch(2 * column + 1, 1)
    return grid


def _of_place(window: QWidget) -> list[tuple[str, str]]:
    """Return keys and words of the shortcuts that can be used where the person is."""
    found: dict[str, list[str]] = {}
    for shortcut in window.findChildren(QShortcut):
        owner = shortcut.parent()
        if shortcut.whatsThis() and isinstance(owner, QWidget) and owner.isVisible():
            found.setdefault(shortcut.whatsThis(), []).append(_shown(shortcut.key()))
    return [(" / ".join(_few(keys)), words) for words, keys in found.items()]


def _few(keys: list[str]) -> list[str]:
    """Shorten a row of like keys (Ctrl+Shift+1 to 9) to its ends."""
    return keys if len(keys) <= 3 else [keys[0], "…", keys[-1]]


def _of_menus(window: QWidget) -> list[tuple[str, str]]:
    return [
        (_shown(action.shortcut()), action.text().replace("&", "").rstrip("…"))
        for action in window.findChildren(QAction)
        if not action.shortcut().isEmpty() and action.text()
    ]


def _shown(keys: QKeySequence) -> str:
    return keys.toString(QKeySequence.SequenceFormat.NativeText)
