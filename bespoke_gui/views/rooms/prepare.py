"""Prepare room: one page of the work between captions and training at a time."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views.page import in_order
from bespoke_gui.views.page_switch import PageSwitch
from bespoke_gui.views.prepare_pages import PAGES
from bespoke_gui.views.widgets.parts import row

FIRST = "resize"


class PreparePanel(QWidget):
    """The pages and the buttons to go from one to another; a page is built when first opened."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.desk = PrepareDesk(session, self)
        self._pages = PageSwitch(self, in_order(PAGES), self.desk)
        self._lay_out()
        self.desk.page_wanted.connect(self.show_page)
        self.show_page(FIRST)

    def page(self, name: str) -> QWidget:
        """Return the widget of a page, building it if this is the first time."""
        return self._pages.page(name)

    def show_page(self, name: str) -> None:
        """Open a page."""
        self._pages.show(name)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(row(*self._pages.buttons.values(), None, spacing=4))
        layout.addWidget(self._pages.stack, 1)
