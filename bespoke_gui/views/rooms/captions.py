"""Captions room: image list, caption with notes, what changed, and the image itself."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.caption_compare import Comparison
from bespoke_gui.qtmodels.caption_lints import LintModel
from bespoke_gui.qtmodels.image_list_model import RowState
from bespoke_gui.qtmodels.picture import Picture, read_picture
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.snapshots import take_snapshot
from bespoke_gui.qtmodels.tasks import Task, run_task
from bespoke_gui.views import saving, theme
from bespoke_gui.views.widgets.caption_diff_pane import CaptionDiffPane
from bespoke_gui.views.widgets.caption_edit_pane import CaptionEditPane, NotesPane
from bespoke_gui.views.widgets.caption_list_pane import CaptionListPane
from bespoke_gui.views.widgets.parts import button, card, muted, row
from bespoke_gui.views.widgets.picture_pane import PicturePane


class CaptionsPanel(QWidget):
    """The caption workbench. The texts live in the session's store; nothing here holds any."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._reading: Task | None = None
        self.comparison = Comparison(session, self)
        self.lints = LintModel(session, self)
        self.images = CaptionListPane(
            session.thumbnails, self.state_of, session.captions.text, session.settings.cell_size
        )
        self.editing = CaptionEditPane(session)
        self.diff = CaptionDiffPane(session, self.comparison)
        self.picture = PicturePane()
        self.notes = NotesPane()
        self.left_over = LeftOverBar(session)
        self._lay_out()
        self._connect()
        self._add_shortcuts()
        self._on_project_changed()

    def state_of(self, name: str) -> RowState:
        """Return the state of a caption, for the list."""
        store = self._session.captions
        diff = self.comparison.diff(name)
        changed = diff is not None and diff.status != "equal"
        return RowState(
            unsaved=store.is_unsaved(name),
            missing=not store.text(name).strip(),
            changed=changed,
            lossy=diff is not None and diff.lossy,
            notes=len(self.lints.problems(name)),
        )

    def save(self, name: str = "") -> None:
        """Save one caption: the one shown, without a name."""
        saving.save(self._session, [name or self.editing.name()])

    def take_snapshot(self) -> None:
        """Ask for a name and keep the state of all captions under it."""
        proposal = f"{datetime.now():%Y-%m-%d %H:%M}"
        name = self._session.ask.text(
            "New snapshot", "Name of this state of all captions", proposal
        )
        if name:
            take_snapshot(self._session, name)

    def show_image(self, name: str) -> None:
        """Show one image and its caption."""
        self.images.select(name)

    def _lay_out(self) -> None:
        middle = QSplitter(Qt.Orientation.Vertical)
        right = QSplitter(Qt.Orientation.Vertical)
        whole = QSplitter(Qt.Orientation.Horizontal)
        for splitter, parts, shares in (
            (middle, (self.editing, self.diff), (4, 5)),
            (right, (self.picture, self.notes), (5, 2)),
            (whole, (self.images, middle, right), (0, 1, 0)),
        ):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(8)
            for index, (part, share) in enumerate(zip(parts, shares, strict=True)):
                splitter.addWidget(part)
                splitter.setStretchFactor(index, share)
        middle.setSizes([360, 420])
        right.setSizes([520, 260])
        whole.setSizes([364, 620, 360])
        self.images.setMinimumWidth(250)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self.left_over)
        layout.addWidget(whole, 1)

    def _connect(self) -> None:
        session = self._session
        session.project_changed.connect(self._on_project_changed)
        session.caption_wanted.connect(self.show_image)
        session.captions.changed.connect(self._on_captions_changed)
        session.captions.saved.connect(self._on_saved)
        self.comparison.updated.connect(self.images.refresh)
        self.lints.updated.connect(self._on_lints)
        self.images.chosen.connect(self._on_chosen)
        self.editing.moved.connect(self.images.list.step)
        self.editing.save_asked.connect(self.save)
        self.editing.snapshot_asked.connect(self.take_snapshot)
        self.diff.lossy_asked.connect(lambda: self.images.show_only("lossy"))
        self.notes.place_wanted.connect(self.editing.editor.select_place)

    def _add_shortcuts(self) -> None:
        for keys, run in (
            ("Ctrl+S", self.save),
            ("Ctrl+Up", lambda: self.images.list.step(-1)),
            ("Ctrl+Down", lambda: self.images.list.step(1)),
            ("PgUp", lambda: self.images.list.step(-1)),
            ("PgDown", lambda: self.images.list.step(1)),
            ("Ctrl+F", self.images.search.setFocus),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(run)

    def _on_project_changed(self) -> None:
        dataset, project = self._session.dataset, self._session.project
        self.images.set_items(dataset.items if dataset else [])
        if project is not None:
            self.editing.set_separator(project.separator)
        self.left_over.refresh()
        self._on_chosen(self.images.list.current_name())

    def _on_chosen(self, name: str) -> None:
        self._show_caption(name)
        self._read_picture(name)

    def _show_caption(self, name: str) -> None:
        place, total = self.images.list.position() + 1, self.images.shown.rowCount()
        self.editing.show_caption(name, f"{place} of {total}" if name else "")
        self.diff.show_caption(name)
        self._on_lints(redraw=False)

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

    def _on_captions_changed(self, names: list[str]) -> None:
        current = self.editing.name()
        if current not in names and len(names) == 1 and names[0] in self._session.captions.names():
            # Undo reached a caption that is not shown: go there, so that it is seen.
            self.images.select(names[0])
        elif current in names:
            self._show_caption(current)

    def _on_saved(self, names: list[str]) -> None:
        self.images.refresh(names)
        if self.editing.name() in names:
            self._show_caption(self.editing.name())

    def _on_lints(self, redraw: bool = True) -> None:
        problems = self.lints.problems(self.editing.name())
        self.notes.show_problems(problems)
        self.editing.editor.show_problems(problems)
        if redraw:
            self.images.refresh([])


class LeftOverBar(QWidget):
    """Offers what was typed and not saved when the program last ended."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._text = muted(wrap=False)
        self.restore = button("Restore", "Put the texts back as unsaved edits", "primary")
        self.discard = button("Discard", "Forget them", "ghost")
        self.restore.clicked.connect(self._on_restore)
        self.discard.clicked.connect(self._on_discard)
        frame = card(row(self._text, None, self.discard, self.restore), 8)
        theme.set_kind(frame, "well")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(frame)
        self.refresh()

    def refresh(self) -> None:
        """Show or hide the offer."""
        count = len(self._session.captions.left_over)
        what = "1 caption was" if count == 1 else f"{count} captions were"
        self._text.setText(f"{what} edited but not saved when Bespoke last ended.")
        self.setVisible(count > 0)

    def _on_restore(self) -> None:
        self._session.captions.restore_left_over()
        self.refresh()

    def _on_discard(self) -> None:
        self._session.captions.discard_left_over()
        self.refresh()
