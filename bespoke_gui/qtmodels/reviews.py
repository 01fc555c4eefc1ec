"""Reviews of the open project's captions: to do, accepted or needs work; undoable, kept on disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QUndoCommand

from bespoke_gui.core.history import History, Review, text_digest
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task

TODO = Review()
WORDS = {"todo": "to do", "accepted": "accepted", "needs_work": "needs work"}


class Reviews(QObject):
    """What was decided about each caption; `changed` carries the names ([] means all).

    A caption edited after it was accepted is to do again, until its text is the accepted one.
    Decisions are steps of the captions' own undo stack and are written in the background.
    """

    changed = Signal(list)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._folder: Path | None = None
        self._reviews: dict[str, Review] = {}
        # The states that are not "todo", by name: what the list asks about all the time.
        self._states: dict[str, str] = {}
        self._unwritten: dict[str, Review] = {}
        self._writing: dict[str, Review] = {}
        session.captions.changed.connect(self._on_texts_changed)
        session.project_changed.connect(self.load)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.flush)
        self.load()

    def state(self, name: str) -> str:
        """Return todo, accepted or needs_work."""
        return self._states.get(name, "todo")

    def note(self, name: str) -> str:
        """Return the note of a caption's review."""
        review = self._reviews.get(name)
        return review.note if review else ""

    def accepted(self) -> int:
        """Return how many captions are accepted as they are now."""
        return sum(state == "accepted" for state in self._states.values())

    def set(self, names: Iterable[str], state: str, note: str | None = None) -> None:
        """Decide about captions as one step that can be undone; without `note` theirs stay."""
        text = self._session.captions.text
        before, after = {}, {}
        for name in names:
            old = self._reviews.get(name, TODO)
            digest = text_digest(text(name)) if state == "accepted" else ""
            new = Review(state, old.note if note is None else note, digest)
            if new != old:
                before[name], after[name] = old, new
        if after:
            label = _label(list(after), state)
            self._session.captions.undo_stack.push(_ReviewCommand(self, before, after, label))

    def next_todo(self, names: list[str], current: str) -> str:
        """Return the next name after `current` that is to do, going round; "" when none is."""
        start = names.index(current) + 1 if current in names else 0
        round_trip = (names[place % len(names)] for place in range(start, start + len(names)))
        found = (name for name in round_trip if name != current and self.state(name) == "todo")
        return next(found, "")

    def load(self) -> None:
        """Read the reviews of the open project in the background."""
        self.flush()
        project, store = self._session.project, self._session.captions
        self._folder = project.folder if project else None
        self._take({}, {})
        if project is None:
            return
        folder, names = project.folder, store.names()
        texts = {name: store.text(name) for name in names}

        def work() -> tuple[dict[str, Review], dict[str, str]]:
            with History(folder) as history:
                known = set(texts)
                found = {n: r for n, r in history.reviews(names).items() if n in known}
            return found, {n: _state(r, texts[n]) for n, r in found.items()}

        def done(result: tuple[dict[str, Review], dict[str, str]]) -> None:
            if self._folder == folder:
                found, states = result
                self._take({**found, **self._reviews}, states)
                self._refresh_states(self._reviews)

        run_task(work, done, self._session.show_error, parent=self)

    def flush(self) -> None:
        """Write what is not on disk yet, now and on this thread."""
        left = {**self._writing, **self._unwritten}
        self._unwritten = {}
        if left and self._folder is not None:
            _write(self._folder, left)

    def apply(self, reviews: Mapping[str, Review]) -> None:
        """Take these decisions over, without a step of undo."""
        self._reviews.update(reviews)
        self._unwritten.update(reviews)
        self._refresh_states(reviews)
        self._write_soon()
        self.changed.emit(list(reviews))

    def _take(self, reviews: dict[str, Review], states: dict[str, str]) -> None:
        self._reviews = reviews
        self._states = {name: state for name, state in states.items() if state != "todo"}
        self.changed.emit([])

    def _on_texts_changed(self, names: list[str]) -> None:
        reviewed = [name for name in names if name in self._reviews]
        before = [self.state(name) for name in reviewed]
        self._refresh_states(reviewed)
        other = [n for n, state in zip(reviewed, before, strict=True) if self.state(n) != state]
        if other:
            self.changed.emit(other)

    def _refresh_states(self, names: Iterable[str]) -> None:
        text = self._session.captions.text
        for name in names:
            state = _state(self._reviews[name], text(name))
            if state == "todo":
                self._states.pop(name, None)
            else:
                self._states[name] = state

    def _write_soon(self) -> None:
        """Write in the background, one write after the other so that none overtakes."""
        if self._writing or not self._unwritten or self._folder is None:
            return
        self._writing, self._unwritten = self._unwritten, {}
        folder, work = self._folder, self._writing

        def ended() -> None:
            self._writing = {}
            self._write_soon()

        run_task(
            lambda: _write(folder, work),
            failed=self._session.show_error,
            parent=self,
            ended=ended,
        )


class _ReviewCommand(QUndoCommand):
    def __init__(
        self,
        reviews: Reviews,
        before: Mapping[str, Review],
        after: Mapping[str, Review],
        label: str,
    ) -> None:
        super().__init__(label)
        self._reviews, self._before, self._after = reviews, before, after

    def undo(self) -> None:
        self._reviews.apply(self._before)

    def redo(self) -> None:
        self._reviews.apply(self._after)


def _state(review: Review, text: str) -> str:
    return review.state_for(text_digest(text)) if review.state == "accepted" else review.state


def _label(names: list[str], state: str) -> str:
    what = PurePosixPath(names[0]).stem if len(names) == 1 else f"{len(names)} captions"
    return f"review: {what} {WORDS[state]}"


def _write(folder: Path, reviews: Mapping[str, Review]) -> None:
    with History(folder) as history:
        history.set_reviews(reviews)
