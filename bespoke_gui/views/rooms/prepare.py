"""Prepare room: one page of the work between captions and training at a time."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views.prepare_pages import PAGES, PreparePage
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.parts import button, row

FIRST = "resize"


class PreparePanel(QWidget):
    """The pages and the buttons to go from one to another; a page is built when first opened."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.desk = PrepareDesk(session, self)
        self._pages = sorted(PAGES.values(), key=lambda page: page.order)
        self._built: dict[str, QWidget] = {}
        self._stack = QStackedWidget()
        self._buttons = {page.name: self._page_button(page) for page in self._pages}
        self._lay_out()
        self.desk.page_wanted.connect(self.show_page)
        self.show_page(FIRST)

    def page(self, name: str) -> QWidget:
        """Return the widget of a page, building it if this is the first time."""
        if name not in self._built:
            self._built[name] = PAGES[name].build(self.desk)
            self._stack.addWidget(self._built[name])
        return self._built[name]

    def show_page(self, name: str) -> None:
        """Open a page."""
        self._stack.setCurrentWidget(self.page(name))
        self._buttons[name].setChecked(True)

    def _page_button(self, page: PreparePage) -> QPushButton:
        keys = f"Alt+{page.order}"
        result = button(page.title, f"{page.title} ({keys})", "ghost", page.icon)
        result.setCheckable(True)
        result.clicked.connect(lambda: self.show_page(page.name))
        add_shortcut(self, keys, f"Page {page.title}", result.click)
        return result

    def _lay_out(self) -> None:
        group = QButtonGroup(self)
        for choice in self._buttons.values():
            group.addButton(choice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(row(*self._buttons.values(), None, spacing=4))
        layout.addWidget(self._stack, 1)
