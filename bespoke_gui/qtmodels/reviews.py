"""Reviews of the open project's captions: to do, accepted or needs work; undoable, kept on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QUndoCommand

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.history import History, Review, text_digest
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task

T = TypeVar("T")
TODO = Review()
AT_ONCE = 2_000  # so many texts are looked at without leaving the thread
WORDS = {"todo": "to do", "accepted": "accepted", "needs_work": "needs work"}


class Reviews(QObject):
    """What was decided about each caption; `changed` carries the names ([] means all).

    `revisited` carries the one caption that an undo or redo was about, so that it is seen.
    A caption edited after it was accepted is to do again, until its text is the accepted one.
    Decisions are steps of the captions' own undo stack and are written in the background.
    """

    changed = Signal(object)
    revisited = Signal(str)

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
        chosen, store = list(names), self._session.captions
        if store.read_only:
            store.refused.emit(store.read_only)
            return
        if state != "accepted":
            self._decide(dict.fromkeys(chosen, ""), state, note)
            return
        texts = {name: store.text(name) for name in chosen}
        folder = self._folder

        def done(digests: dict[str, str]) -> None:
            if self._folder == folder:
                self._decide(digests, state, note)

        self._work(lambda: {n: text_digest(text) for n, text in texts.items()}, done, len(texts))

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
        folder, texts = project.folder, store.all_texts()
        names = list(texts)

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
            try:
                _write(self._folder, left)
            except AppError as error:
                self._session.show_error(error)

    def apply(self, reviews: Mapping[str, Review]) -> None:
        """Take these decisions over, without a step of undo."""
        self._reviews.update(reviews)
        self._unwritten.update(reviews)
        self._refresh_states(reviews)
        self._write_soon()
        # Also where only a note is another one.
        self.changed.emit(list(reviews))

    def _decide(self, digests: Mapping[str, str], state: str, note: str | None) -> None:
        before, after = {}, {}
        for name, digest in digests.items():
            old = self._reviews.get(name, TODO)
            new = Review(state, old.note if note is None else note, digest)
            if new != old:
                before[name], after[name] = old, new
        if after:
            label = _label(list(after), state)
            self._session.captions.undo_stack.push(_ReviewCommand(self, before, after, label))

    def _work(self, work: Callable[[], T], done: Callable[[T], object], count: int) -> None:
        """Look at many texts in the background, at few at once."""
        if count <= AT_ONCE:
            done(work())
        else:
            run_task(work, done, self._session.show_error, parent=self)

    def _take(self, reviews: dict[str, Review], states: dict[str, str]) -> None:
        self._reviews = reviews
        self._states = {name: state for name, state in states.items() if state != "todo"}
        self.changed.emit([])

    def _on_texts_changed(self, names: list[str]) -> None:
        reviewed = [name for name in names if name in self._reviews]
        if reviewed:
            self._refresh_states(reviewed)

    def _refresh_states(self, names: Iterable[str]) -> None:
        """Find the states anew, and tell of those that are other ones now."""
        text = self._session.captions.text
        looked_at = {name: (self._reviews[name], text(name)) for name in names}

        def work() -> dict[str, str]:
            return {name: _state(*both) for name, both in looked_at.items()}

        def done(states: dict[str, str]) -> None:
            now = {n: s for n, s in states.items() if looked_at[n][0] is self._reviews.get(n)}
            other = [name for name, state in now.items() if self.state(name) != state]
            for name in other:
                if now[name] == "todo":
                    del self._states[name]
                else:
                    self._states[name] = now[name]
            if other:
                self.changed.emit(other)

        self._work(work, done, len(looked_at))

    def _write_soon(self) -> None:
        """Write in the background, one write after the other so that none overtakes."""
        if self._writing or not self._unwritten or self._folder is None:
            return
        self._writing, self._unwritten = self._unwritten, {}
        folder, work = self._folder, self._writing
        may_write = self._session.captions.may_write

        def write() -> None:
            if may_write is not None:
                may_write()
            _write(folder, work)

        def ended() -> None:
            self._writing = {}
            self._write_soon()

        run_task(write, failed=self._session.show_error, parent=self, ended=ended)


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
        self._is_new = True

    def undo(self) -> None:
        self._reviews.apply(self._before)
        self._revisit()

    def redo(self) -> None:
        self._reviews.apply(self._after)
        if not self._is_new:
            self._revisit()
        self._is_new = False

    def _revisit(self) -> None:
        if len(self._after) == 1:
            self._reviews.revisited.emit(next(iter(self._after)))


def _state(review: Review, text: str) -> str:
    return review.state_for(text_digest(text)) if review.state == "accepted" else review.state


def _label(names: list[str], state: str) -> str:
    what = PurePosixPath(names[0]).stem if len(names) == 1 else f"{len(names)} captions"
    return f"review: {what} {WORDS[state]}"


def _write(folder: Path, reviews: Mapping[str, Review]) -> None:
    with History(folder) as history:
        history.set_reviews(reviews)
