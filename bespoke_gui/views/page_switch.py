"""Page switch: the buttons and the stack of a room's pages; a page is built when first opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QStackedWidget, QWidget

from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.parts import button


@dataclass(frozen=True)
class Entry:
    """One page: its key, the word and icon on its button, its shortcut, and how to build it."""

    name: str
    title: str
    icon: str
    keys: str
    build: Callable[[], QWidget]


class PageSwitch(QObject):
    """`buttons` by name, in order, and the `stack` they switch; `opened` carries a page's name."""

    opened = Signal(str)

    def __init__(self, room: QWidget, entries: Iterable[Entry]) -> None:
        super().__init__(room)
        self._entries = {entry.name: entry for entry in entries}
        self._built: dict[str, QWidget] = {}
        self.stack = QStackedWidget()
        self._group = QButtonGroup(self)
        self.buttons = {entry.name: self._button(entry) for entry in self._entries.values()}
        for name, entry in self._entries.items():
            add_shortcut(room, entry.keys, f"Page {entry.title}", self.buttons[name].click)

    def page(self, name: str) -> QWidget:
        """Return the widget of a page, building it if this is the first time."""
        if name not in self._built:
            self._built[name] = self._entries[name].build()
            self.stack.addWidget(self._built[name])
        return self._built[name]

    def show(self, name: str) -> None:
        """Open a page."""
        self.stack.setCurrentWidget(self.page(name))
        self.buttons[name].setChecked(True)
        self.opened.emit(name)

    def _button(self, entry: Entry) -> QPushButton:
        result = button(entry.title, f"{entry.title} ({entry.keys})", "ghost", entry.icon)
        result.setCheckable(True)
        result.clicked.connect(lambda: self.show(entry.name))
        self._group.addButton(result)
        return result
