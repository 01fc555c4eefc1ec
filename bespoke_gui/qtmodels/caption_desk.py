"""Caption desk: what the pages and tabs of the Captions room share, and how they talk."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from bespoke_gui.qtmodels.caption_compare import Comparison
from bespoke_gui.qtmodels.caption_lints import LintModel
from bespoke_gui.qtmodels.caption_query_model import CaptionQuery
from bespoke_gui.qtmodels.caption_training import CaptionTraining
from bespoke_gui.qtmodels.image_list_model import RowState
from bespoke_gui.qtmodels.phrase_model import PhraseModel
from bespoke_gui.qtmodels.reviews import Reviews
from bespoke_gui.qtmodels.session import Session

Names = Callable[[], list[str]]


class CaptionDesk(QObject):
    """The current caption, the selection, and wishes of one part of the room to another.

    Texts live in `session.captions`; nothing here holds any. The `*_wanted` signals are answered
    by the room: `place_wanted` selects characters of the current caption in the editor,
    `filter_wanted` carries an expression for the list.
    """

    current_changed = Signal(str)
    selection_changed = Signal(object)
    shown_changed = Signal()
    show_wanted = Signal(str)
    step_wanted = Signal(int)
    place_wanted = Signal(int, int)
    page_wanted = Signal(str)
    filter_wanted = Signal(str)
    save_wanted = Signal(str)
    snapshot_wanted = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.comparison = Comparison(session, self)
        self.lints = LintModel(session, self)
        self.phrases = PhraseModel(session, self)
        self.training = CaptionTraining(session, self)
        self.training.edited.connect(self._on_training_edited)
        if self.training.chosen() is not None:
            self._on_training_edited()
        self.reviews = Reviews(session, self)
        self.query = CaptionQuery(session, self.comparison, self.lints, self.state_of, self)
        self._excluded: frozenset[str] = frozenset()
        self._current = ""
        self._selected: Names = list
        self._shown: Names = session.captions.names
        session.project_changed.connect(self._on_project_changed)
        self._on_project_changed()

    def _on_training_edited(self) -> None:
        self.lints.use_config(self.training.chosen())

    def current(self) -> str:
        """Return the name of the caption that is shown, empty without one."""
        return self._current

    def selected(self) -> list[str]:
        """Return the names selected in the list, in its order; the current one without others."""
        return self._selected() or [name for name in (self._current,) if name]

    def shown(self) -> list[str]:
        """Return the names that the list's filter lets through, in its order."""
        return self._shown()

    def separator(self) -> str:
        """Return what stands between two phrases of a caption."""
        return self.session.project.separator if self.session.project else ","

    def show(self, name: str) -> None:
        """Make a caption the current one, in the list too."""
        self.show_wanted.emit(name)

    def show_page(self, page: str) -> None:
        """Open another page of the room."""
        self.page_wanted.emit(page)

    def filter(self, expression: str) -> None:
        """Let the list show only what fits the expression."""
        self.filter_wanted.emit(expression)

    def take_list(self, selected: Names, shown: Names) -> None:
        """Take over where the list tells its selection and what it shows."""
        self._selected, self._shown = selected, shown

    def take_current(self, name: str) -> None:
        """The list's current caption is this one now (also when it is the same again)."""
        if name != self._current:
            self.session.captions.pause.emit()
        self._current = name
        self.current_changed.emit(name)

    def state_of(self, name: str) -> RowState:
        """Return the state of a caption, for the list."""
        store = self.session.captions
        diff = self.comparison.diff(name)
        return RowState(
            unsaved=store.is_unsaved(name),
            missing=not store.text(name).strip(),
            changed=diff is not None and diff.status != "equal",
            lossy=diff is not None and diff.lossy,
            notes=len(self.lints.codes(name)),
            review=self.reviews.state(name),
            note=self.reviews.note(name),
            excluded=name in self._excluded,
        )

    def _on_project_changed(self) -> None:
        dataset = self.session.dataset
        self._excluded = dataset.excluded if dataset else frozenset()
