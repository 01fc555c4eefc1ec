"""Page switch: the buttons and the stack of a room's pages; a page is built when first opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QButtonGroup, QPushButton, QStackedWidget, QWidget

from bespoke_gui.views.page import Desk, Page
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.parts import button


class PageSwitch(QObject):
    """`buttons` by name, in order, and the `stack` they switch; `opened` carries a page's name.

    Alt+1 opens the first page. All of them are built with the room's desk.
    """

    opened = Signal(str)

    def __init__(self, room: QWidget, pages: Iterable[Page[Desk]], desk: Desk) -> None:
        super().__init__(room)
        self._build: dict[str, Callable[[], QWidget]] = {}
        self._built: dict[str, QWidget] = {}
        self.stack = QStackedWidget()
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QPushButton] = {}
        for number, page in enumerate(pages, 1):
            keys = f"Alt+{number}"
            self._build[page.name] = partial(page.build, desk)
            self.buttons[page.name] = self._button(page, keys)
            add_shortcut(room, keys, f"Page {page.title}", self.buttons[page.name].click)

    def page(self, name: str) -> QWidget:
        """Return the widget of a page, building it if this is the first time."""
        if name not in self._built:
            self._built[name] = self._build[name]()
            self.stack.addWidget(self._built[name])
        return self._built[name]

    def show(self, name: str) -> None:
        """Open a page."""
        self.stack.setCurrentWidget(self.page(name))
        self.buttons[name].setChecked(True)
        self.opened.emit(name)

    def _go(self, name: str) -> None:
        """Open a page and let its keys work at once, as the button would keep the focus."""
        self.show(name)
        page, focus = self.page(name), QApplication.focusWidget()
        if focus is None or not (focus is page or page.isAncestorOf(focus)):
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _button(self, page: Page[Desk], keys: str) -> QPushButton:
        result = button(page.title, f"{page.title} ({keys})", "ghost", page.icon)
        result.setCheckable(True)
        result.clicked.connect(lambda: self._go(page.name))
        self._group.addButton(result)
        return result
