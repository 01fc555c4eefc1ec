"""Gallery room: one page of the way from generations to a decided epoch at a time."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views.gallery_pages import PAGES
from bespoke_gui.views.page import in_order
from bespoke_gui.views.page_switch import PageSwitch
from bespoke_gui.views.widgets.gallery_bar import fill, labelled_box
from bespoke_gui.views.widgets.gallery_empty import GalleryEmpty
from bespoke_gui.views.widgets.gallery_menus import GalleryMenus
from bespoke_gui.views.widgets.gallery_notice import GalleryNotice
from bespoke_gui.views.widgets.parts import row

FIRST = "grid"
WIDE = 1120


class GalleryPanel(QWidget):
    """Which gallery, the pages, import and export; a page is built when first opened."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.desk = GalleryDesk(session, self)
        self._pages = PageSwitch(self, in_order(PAGES), self.desk)
        self._build()
        self._connect()
        self.show_page(FIRST)
        self.desk.on_project()

    def page(self, name: str) -> QWidget:
        """Return the widget of a page, building it if this is the first time."""
        return self._pages.page(name)

    def show_page(self, name: str) -> None:
        """Open a page."""
        self._pages.show(name)

    def _show_list(self, folders: list[Path], current: Path | None) -> None:
        fill(self.galleries, [(folder.name, folder) for folder in folders], current)
        self._show_or_explain()

    def _show_or_explain(self) -> None:
        """Show the page, or what a gallery is where the page needs one and there is none."""
        buttons = self._pages.buttons.items()
        shown = next(name for name, part in buttons if part.isChecked())
        there = bool(self.desk.folders) or not PAGES[shown].needs_gallery
        self.pages.setCurrentIndex(1 if there else 0)

    def _mark_opened(self) -> None:
        opened = self.desk.opened
        index = self.galleries.findText(opened.gallery.folder.name) if opened else -1
        if index >= 0:
            self.galleries.setCurrentIndex(index)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Let the keys of the page work where the room gets the focus."""
        super().focusInEvent(event)
        page = self._pages.stack.currentWidget()
        if page is not None:
            page.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where room is short, import and export are their icons alone."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        for part, words in ((self.bring, "Import"), (self.save, "Export")):
            part.setText(words if wide else "")
            part.setAccessibleName(words)
        self.galleries.setFixedWidth(200 if wide else 150)

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.galleries = labelled_box("Gallery", "Which gallery to look at", 200)
        self.menus = GalleryMenus(self.desk, self)
        self.bring, self.save = self.menus.bring, self.menus.save
        head = row(
            *self._pages.buttons.values(), None, self.galleries, self.bring, self.save, spacing=6
        )
        head.setContentsMargins(12, 8, 12, 4)
        self.empty = GalleryEmpty()
        whole = QWidget()
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        self.notice = GalleryNotice(self.desk)
        layout.addWidget(self.notice)
        layout.addWidget(self._pages.stack, 1)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(whole)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.pages)

    def _connect(self) -> None:
        desk = self.desk
        desk.listed.connect(self._show_list)
        self._pages.opened.connect(self._show_or_explain)
        desk.opened_changed.connect(self._mark_opened)
        desk.page_wanted.connect(self.show_page)
        self.galleries.activated.connect(lambda place: desk.open(self.galleries.itemData(place)))
        self.empty.import_wanted.connect(self.menus.import_images)
        self.empty.train_wanted.connect(lambda: self._session.go_to.emit("train"))
        self.empty.try_wanted.connect(lambda: self.show_page("bench"))
