"""Prepare desk: what the pages of the Prepare room share, and how they talk to each other."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from bespoke_gui.qtmodels.session import Session


class PrepareDesk(QObject):
    """The open project and the image looked at, the same on every page.

    A page calls `show` and `show_page`; `image_wanted` tells the pages which image is the current
    one now, `page_wanted` the room which page to open. A page that is built later asks `current`.
    """

    image_wanted = Signal(str)
    page_wanted = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._current = ""
        session.project_changed.connect(self._on_project_changed)

    def current(self) -> str:
        """Return the name of the image looked at: the first of the set, empty without images."""
        dataset = self.session.dataset
        if dataset is None or not dataset.used:
            return ""
        known = self._current in dataset.by_name
        return self._current if known else dataset.used[0].name

    def show(self, name: str) -> None:
        """Make an image the current one, on every page."""
        if name != self._current:
            self._current = name
            self.image_wanted.emit(name)

    def show_page(self, page: str) -> None:
        """Open another page of the room."""
        self.page_wanted.emit(page)

    def _on_project_changed(self) -> None:
        self._current = self.current()
