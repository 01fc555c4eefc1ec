"""Captions room: the list of images, and beside it one page of the workbench at a time."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.caption_sides import snapshot_side
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import saving
from bespoke_gui.views.caption_pages import PAGES
from bespoke_gui.views.page import in_order
from bespoke_gui.views.page_switch import PageSwitch
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.caption_list_pane import CaptionListPane
from bespoke_gui.views.widgets.left_over_bar import LeftOverBar
from bespoke_gui.views.widgets.pairs_menu import PairsMenu
from bespoke_gui.views.widgets.parts import row, splitter, tool
from bespoke_gui.views.widgets.snapshot_manager import SnapshotManager, ask_for_snapshot

FIRST = "edit"


class CaptionsPanel(QWidget):
    """The caption workbench. The texts live in the session's store; nothing here holds any."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.desk = CaptionDesk(session, self)
        self.images = CaptionListPane(self.desk, session.settings.cell_size)
        self.desk.take_list(self.images.names_selected, self.images.names_shown)
        self.pairs = PairsMenu(self.desk, self.images.list)
        self.left_over = LeftOverBar(session)
        self._pages = PageSwitch(self, in_order(PAGES), self.desk)
        self._pages.opened.connect(lambda name: self.images.setVisible(not PAGES[name].wide))
        self._lay_out()
        self._connect()
        self._add_shortcuts()
        self.show_page(FIRST)
        self._on_project_changed()

    def page(self, name: str) -> QWidget:
        """Return the widget of a page, building it if this is the first time."""
        return self._pages.page(name)

    def show_page(self, name: str) -> None:
        """Open a page; a wide one has the room to itself."""
        self._pages.show(name)

    def save(self, name: str = "") -> None:
        """Save one caption: the current one, without a name."""
        saving.save(self._session, [name or self.desk.current()])

    def take_snapshot(self) -> None:
        """Ask for a name and keep the state of all captions under it."""
        ask_for_snapshot(self._session)

    def open_snapshots(self) -> SnapshotManager:
        """Open the list of snapshots; one that is compared is shown on the page for that."""
        manager = SnapshotManager(self._session, self)
        manager.compare_wanted.connect(self._compare_with)
        manager.open()
        return manager

    def _compare_with(self, snapshot: str) -> None:
        self.desk.comparison.compare_with(snapshot_side(snapshot))
        self.show_page("changes")

    def show_image(self, name: str) -> None:
        """Show one image and its caption on the edit page."""
        self.show_page(FIRST)
        self.images.select(name)

    def _lay_out(self) -> None:
        self.images.setMinimumWidth(250)
        whole = splitter(Qt.Orientation.Horizontal, (self.images, self._pages.stack), (0, 1))
        whole.setSizes([364, 988])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(8)
        snapshots = tool("clock", "Snapshots of all captions", "Ctrl+Shift+H")
        snapshots.clicked.connect(self.open_snapshots)
        layout.addLayout(row(*self._pages.buttons.values(), None, self.pairs, snapshots, spacing=4))
        layout.addWidget(self.left_over)
        layout.addWidget(whole, 1)

    def _connect(self) -> None:
        session, desk = self._session, self.desk
        session.project_changed.connect(self._on_project_changed)
        session.caption_wanted.connect(self.show_image)
        session.captions.changed.connect(self._on_captions_changed)
        session.captions.saved.connect(self.images.refresh)
        desk.comparison.updated.connect(self.images.refresh)
        desk.lints.updated.connect(self.images.refresh)
        desk.show_wanted.connect(self.images.select)
        desk.step_wanted.connect(self.images.list.step)
        desk.page_wanted.connect(self.show_page)
        desk.filter_wanted.connect(self.images.filter)
        desk.save_wanted.connect(self.save)
        desk.snapshot_wanted.connect(self.take_snapshot)
        self.images.chosen.connect(desk.take_current)
        self.images.shown_changed.connect(desk.shown_changed)
        self.images.list.selectionModel().selectionChanged.connect(self._on_selected)

    def _add_shortcuts(self) -> None:
        step = self.images.list.step
        for keys, words, run in (
            ("Ctrl+S", "Save this caption", self.save),
            ("Ctrl+Up", "Previous image", lambda: step(-1)),
            ("Ctrl+Down", "Next image", lambda: step(1)),
            ("PgUp", "Previous image", lambda: step(-1)),
            ("PgDown", "Next image", lambda: step(1)),
            ("Ctrl+F", "Filter the list", self.images.search.setFocus),
            ("Ctrl+Shift+H", "Snapshots of all captions", self.open_snapshots),
        ):
            add_shortcut(self, keys, words, run)

    def _on_project_changed(self) -> None:
        dataset = self._session.dataset
        self.images.set_items(dataset.by_name if dataset else {}, not self._session.is_reading)
        self.left_over.refresh()
        self.desk.take_current(self.images.list.current_name())
        self.desk.shown_changed.emit()

    def _on_selected(self) -> None:
        self.desk.selection_changed.emit(self.images.names_selected())

    def _on_captions_changed(self, names: list[str]) -> None:
        if self.desk.current() in names or len(names) != 1:
            return
        if self._session.captions.knows(names[0]):
            # Undo reached a caption that is not shown: go there, so that it is seen.
            self.images.select(names[0])
