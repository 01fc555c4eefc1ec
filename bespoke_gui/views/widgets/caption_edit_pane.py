"""Edit pane: the caption's text, where it stands in the set, and what to do with it."""

from __future__ import annotations

from pathlib import PurePosixPath

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.qtmodels.caption_facts import caption_facts, when_tokens_known
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.caption_editor import CaptionEditor
from bespoke_gui.views.widgets.find_bar import FindBar
from bespoke_gui.views.widgets.parts import badge, button, card, column, elided, muted, row, tool
from bespoke_gui.views.widgets.token_bar import TokenBar


class CaptionEditPane(QWidget):
    """Edits one caption of the session's store. `moved` asks for another image (-1, 1)."""

    moved = Signal(int)
    save_asked = Signal(str)
    snapshot_asked = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._name = ""
        self._limit: int | None = None
        self.editor = CaptionEditor()
        self.editor.edited.connect(self._on_edited)
        self._title = elided("", 1.4, bold=True)
        self._position = muted(wrap=False)
        self._unsaved = badge("Not saved", "badge-accent")
        previous = tool("previous", "Previous image", "Ctrl+Up or Page Up")
        following = tool("next", "Next image", "Ctrl+Down or Page Down")
        previous.clicked.connect(lambda: self.moved.emit(-1))
        following.clicked.connect(lambda: self.moved.emit(1))
        snapshot = tool("snapshot", "Keep the state of all captions as a snapshot…")
        snapshot.clicked.connect(self.snapshot_asked)
        self.save = button("Save", "Save this caption (Ctrl+S)", "primary", "save")
        self.save.clicked.connect(lambda: self.save_asked.emit(self._name))
        self._facts = elided("", 0.9, kind="muted")
        self._facts.setMinimumWidth(self._facts.fontMetrics().horizontalAdvance("000 words …"))
        self.tokens = TokenBar()
        self.tokens.place_wanted.connect(self.editor.select_place)
        self._warning = muted()
        theme.set_kind(self._warning, "danger")
        self._warning.hide()
        self.find_bar = FindBar(self.editor)
        self.extras = QVBoxLayout()
        head = row(self._title, self._unsaved, snapshot, self.save)
        head.setStretch(0, 1)
        undo, redo = self._undo("undo"), self._undo("redo")
        foot = row(self._facts, None, undo, redo, previous, self._position, following, spacing=2)
        inner = column(
            head, self._warning, self.find_bar, self.editor, self.tokens, self.extras, foot
        )
        inner.setStretch(inner.indexOf(self.editor), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(inner, 12))
        when_tokens_known(self._tell_facts, self)

    def name(self) -> str:
        """Return the name of the caption that is shown."""
        return self._name

    def show_caption(self, name: str, position: str) -> None:
        """Show a caption; `position` says where it stands ("12 of 203")."""
        changed = name != self._name
        self._name = name
        store = self._session.captions
        text = store.text(name)
        known = bool(name) and store.knows(name)
        faithful = self.editor.set_text(text, is_other=changed, keeps_place=store.is_taking)
        if changed:
            self.editor.show_problems(())
        self._title.setText(PurePosixPath(name).stem if name else "No image")
        self._title.setToolTip(name)
        self._position.setText(position)
        self._refuse(self._why_not(name, faithful) if known else self._nothing())
        self._unsaved.setVisible(store.is_unsaved(name))
        self.save.setEnabled(store.is_unsaved(name))
        self._tell_facts()

    def tell_position(self, position: str) -> None:
        """Say anew where the caption stands, after the list was filtered or sorted."""
        self._position.setText(position)

    def set_separator(self, separator: str) -> None:
        """Set phrases apart by this sign."""
        self.editor.set_separator(separator)

    def set_limit(self, limit: int | None) -> None:
        """Tokens beyond this limit of the config are cut off; None where no config is known."""
        self._limit = limit
        self._tell_facts()

    def _why_not(self, name: str, faithful: bool) -> str:
        store = self._session.captions
        caption = store.on_disk(name)
        if store.read_only:
            return f"Read-only: {store.read_only}"
        if caption.unreadable:
            words = "; ".join(problem.message for problem in caption.problems)
            return f"This caption cannot be edited: {words}."
        if not faithful:
            return "This caption holds signs that cannot be edited here without changing them."
        return ""

    def _nothing(self) -> str:
        reading = self._session.is_opening
        return "The captions are still being read …" if reading else "Choose an image."

    def _refuse(self, why: str) -> None:
        self.editor.setReadOnly(bool(why))
        self._warning.setText(why)
        self._warning.setVisible(bool(why))

    def _undo(self, kind: str) -> QWidget:
        stack = self._session.captions.undo_stack
        words, keys = ("Undo", "Ctrl+Z") if kind == "undo" else ("Redo", "Ctrl+Shift+Z")
        result = tool(kind, words, keys)
        result.clicked.connect(stack.undo if kind == "undo" else stack.redo)
        changed = stack.canUndoChanged if kind == "undo" else stack.canRedoChanged
        changed.connect(result.setEnabled)
        result.setEnabled(stack.canUndo() if kind == "undo" else stack.canRedo())
        return result

    def _on_edited(self, text: str) -> None:
        if self._name:
            self._session.captions.edit(self._name, text, "typing", typing=True)

    def _tell_facts(self) -> None:
        project, text = self._session.project, self._session.captions.text(self._name)
        facts = caption_facts(text, project.separator if project else ",")
        words = f"{facts.words} words · {facts.phrases} phrases"
        self._facts.setText(words)
        self._facts.setToolTip(words)
        self.tokens.show_reading(facts.reading, self._limit)
