"""Edit page: the caption and what changed in it; beside them the image and tabs about it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.picture import Picture, read_picture
from bespoke_gui.qtmodels.tasks import Task, run_task
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.caption_diff_pane import CaptionDiffPane
from bespoke_gui.views.widgets.caption_edit_pane import CaptionEditPane
from bespoke_gui.views.widgets.caption_tabs_pane import CaptionTabsPane
from bespoke_gui.views.widgets.completion_popup import CompletionPopup
from bespoke_gui.views.widgets.parts import splitter
from bespoke_gui.views.widgets.picture_pane import PicturePane
from bespoke_gui.views.widgets.quick_bar import QuickBar


class CaptionEditPage(QWidget):
    """Edits the desk's current caption."""

    def __init__(self, desk: CaptionDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._session = desk, desk.session
        self._reading: Task | None = None
        self.editing = CaptionEditPane(desk.session)
        self.diff = CaptionDiffPane(desk.session, desk.comparison)
        self.picture = PicturePane()
        self.tabs = CaptionTabsPane(desk)
        self.completion = CompletionPopup(self.editing.editor, lambda: desk.phrases.completion)
        self.quick = QuickBar(desk, self)
        self.editing.extras.addWidget(self.quick)
        add_shortcut(self, "Ctrl+Shift+F", "Find in this caption", self.editing.find_bar.open_bar)
        self._lay_out()
        self._connect()
        self._on_training_changed()
        self._on_project_changed()

    def _lay_out(self) -> None:
        middle = splitter(Qt.Orientation.Vertical, (self.editing, self.diff), (1, 1))
        right = splitter(Qt.Orientation.Vertical, (self.picture, self.tabs), (5, 3))
        whole: QSplitter = splitter(Qt.Orientation.Horizontal, (middle, right), (1, 0))
        middle.setSizes([400, 380])
        right.setSizes([480, 300])
        whole.setSizes([620, 360])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(whole)

    def _connect(self) -> None:
        desk, session = self._desk, self._session
        session.project_changed.connect(self._on_project_changed)
        session.captions.changed.connect(self._on_captions_changed)
        session.captions.saved.connect(self._on_captions_changed)
        desk.current_changed.connect(self._on_current_changed)
        desk.shown_changed.connect(self._tell_position)
        desk.place_wanted.connect(self.editing.editor.select_place)
        desk.lints.updated.connect(self._show_problems)
        self.editing.moved.connect(desk.step_wanted)
        self.editing.save_asked.connect(desk.save_wanted)
        self.editing.snapshot_asked.connect(desk.snapshot_wanted)
        desk.training.changed.connect(self._on_training_changed)
        self.diff.lossy_asked.connect(lambda: desk.filter("lossy:yes"))

    def _on_project_changed(self) -> None:
        if self._session.project is not None:
            self.editing.set_separator(self._session.project.separator)
        self._on_current_changed(self._desk.current())

    def _on_training_changed(self) -> None:
        self.editing.set_limit(self._desk.training.limit())

    def _on_current_changed(self, name: str) -> None:
        self._show_caption(name)
        self._read_picture(name)

    def _on_captions_changed(self, names: list[str]) -> None:
        if self.editing.name() in names:
            self._show_caption(self.editing.name())

    def _show_caption(self, name: str) -> None:
        self.editing.show_caption(name, self._position(name))
        self.diff.show_caption(name)
        self._show_problems()

    def _tell_position(self) -> None:
        self.editing.tell_position(self._position(self.editing.name()))

    def _position(self, name: str) -> str:
        shown = self._desk.shown()
        return f"{shown.index(name) + 1} of {len(shown)}" if name in shown else ""

    def _show_problems(self) -> None:
        self.editing.editor.show_problems(self._desk.lints.problems(self.editing.name()))

    def _read_picture(self, name: str) -> None:
        item, project = self._session.item(name), self._session.project
        if self._reading is not None:
            self._reading.cancel()
        if item is None or project is None:
            self.picture.show_picture(None)
            return
        native = project.native_size

        def done(picture: Picture) -> None:
            self.picture.show_picture(picture)

        self._reading = run_task(
            lambda: read_picture(item.image, native),
            done,
            lambda error: self.picture.show_problem(str(error)),
            parent=self,
        )
