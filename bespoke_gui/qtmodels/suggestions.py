"""Suggestions: what models proposed for the captions, as diffs to accept; none is ever written
without a person who says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core import worddiff
from bespoke_gui.core.caption_revert import pieces_of_phrase, revert_pieces
from bespoke_gui.core.suggest.answers import ACCEPTED, DISMISSED, Answers, Kept
from bespoke_gui.core.worddiff import TextDiff
from bespoke_gui.launch.captioning import take_left_over
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.snapshots import edit_after_snapshot
from bespoke_gui.qtmodels.tasks import run_task

PIECE = 500
AT_ONCE = 40
"""Diffs made on the GUI thread at most (0.6 ms each); more are made in the background."""


@dataclass(frozen=True)
class Proposal:
    """What a model proposes for one caption, against the caption as it is now.

    note: what is odd about the answer, or nothing; edited: a person changed its words.
    """

    name: str
    text: str
    diff: TextDiff
    note: str = ""
    model: str = ""
    edited: bool = False

    @property
    def is_change(self) -> bool:
        """Whether accepting would change the caption."""
        return self.diff.status != "equal"

    @property
    def stem(self) -> str:
        """The image's name without folder and suffix."""
        return PurePosixPath(self.name).stem


@dataclass(frozen=True)
class Counts:
    """Figures of all proposals: how many there are, are ticked, and of these lose words."""

    all: int = 0
    ticked: int = 0
    ticked_lossy: int = 0
    lossy: int = 0


class Suggestions(QObject):
    """The proposals that wait for a decision. `changed` carries the names that are new, other or
    gone ([] means all); `ticks_changed` comes when another number of them is ticked.

    A proposal is ticked unless it would lose words or change nothing.
    """

    changed = Signal(list)
    ticks_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.answers: Answers | None = None
        self._proposals: dict[str, Proposal] = {}
        self._kept: dict[str, Kept] = {}
        self._edits: dict[str, str] = {}
        self._ticks: dict[str, bool] = {}
        self._accepted: dict[str, str] = {}
        self._ticked: set[str] = set()
        self._lossy: set[str] = set()
        self._waiting: dict[str, None] = {}
        self._turn = 0
        session.project_changed.connect(self.reload)
        session.captions.changed.connect(self._on_captions_changed)
        self.reload()

    def reload(self) -> None:
        """Read the kept answers of the project in the background."""
        self.answers = None
        self._proposals, self._kept, self._edits, self._ticks = {}, {}, {}, {}
        self._accepted, self._ticked, self._lossy, self._waiting = {}, set(), set(), {}
        self._turn += 1
        self.changed.emit([])
        project = self._session.project
        if project is None:
            return
        folder = project.folder

        def done(answers: Answers) -> None:
            if self._session.project is project:
                self.answers = answers
                self.refresh()

        run_task(lambda: _read(folder), done, self._session.show_error, parent=self)

    def refresh(self) -> None:
        """Take over what was answered since; diffs come from the background where they are many."""
        if self.answers is None:
            return
        names = set(self._session.captions.names())
        pending = {name: kept for name, kept in self.answers.pending().items() if name in names}
        other = [name for name in pending if pending[name] is not self._kept.get(name)]
        gone = [name for name in self._kept if name not in pending]
        for name in other:
            self._edits.pop(name, None)
            self._ticks.pop(name, None)
        self._kept = pending
        self._drop(gone)
        self._compare(other)

    def names(self) -> list[str]:
        """Return the names with a proposal, in the order of the captions."""
        return [name for name in self._session.captions.names() if name in self._proposals]

    def proposal(self, name: str) -> Proposal | None:
        """Return what is proposed for a caption, None where nothing is."""
        return self._proposals.get(name)

    def is_ticked(self, name: str) -> bool:
        """Whether a proposal is accepted with the others."""
        return name in self._ticked

    def tick(self, names: Iterable[str], on: bool) -> None:
        """Tick proposals or take their ticks away."""
        chosen = [name for name in names if name in self._proposals]
        self._ticks.update(dict.fromkeys(chosen, on))
        self._judge(chosen)
        self.changed.emit(chosen)
        self.ticks_changed.emit()

    def ticked(self) -> list[str]:
        """Return the names of all ticked proposals."""
        return [name for name in self.names() if name in self._ticked]

    def counts(self) -> Counts:
        """Return the figures of all proposals."""
        both = len(self._lossy & self._ticked)
        return Counts(len(self._proposals), len(self._ticked), both, len(self._lossy))

    def edit(self, name: str, text: str) -> None:
        """Give a proposal other words; the caption stays as it is."""
        if name in self._kept:
            self._edits[name] = text.strip()
            self._compare([name])

    def put_back(self, name: str, piece: int) -> None:
        """Take one piece of a proposal back to today's words, by its id in the diff."""
        self._revert(name, (piece,))

    def put_phrase_back(self, name: str, offset: int) -> None:
        """Take the phrase at an offset of the proposal back to today's words."""
        proposal = self._proposals.get(name)
        if proposal is not None:
            self._revert(name, pieces_of_phrase(proposal.diff, offset))

    def accept(self, names: Iterable[str]) -> None:
        """Write proposals into the captions, as one step that can be undone."""
        texts = self._texts(names)
        store = self._session.captions
        before = {name: store.text(name) for name in texts}

        def close(_: object = None) -> None:
            self._close_accepted(texts, before)

        if len(texts) == 1:
            store.edit_many(texts, f"suggestion for {PurePosixPath(next(iter(texts))).stem}")
            close()
        elif texts:
            label = f"accept {len(texts)} suggestions"
            # What was typed while the snapshot was made stays; its proposal does too.
            edit_after_snapshot(self._session, texts, label, close)

    def dismiss(self, names: Iterable[str]) -> None:
        """Forget proposals; the captions stay as they are."""
        self._close([name for name in names if name in self._kept], DISMISSED)

    def _texts(self, names: Iterable[str]) -> dict[str, str]:
        chosen = (self._proposals.get(name) for name in names)
        return {found.name: found.text for found in chosen if found is not None}

    def _close_accepted(self, texts: Mapping[str, str], before: Mapping[str, str]) -> None:
        """Take the proposals that captions now hold off the list; undo brings them back."""
        store = self._session.captions
        done = [name for name, text in texts.items() if store.text(name) == text]
        self._accepted |= {name: before[name] for name in done if before[name] != texts[name]}
        self._close(done, ACCEPTED)

    def _close(self, names: list[str], fate: str) -> None:
        answers = self.answers
        if answers is None or not names:
            return
        for name in names:
            self._kept.pop(name, None)
        self._drop(names)
        # On disk in the background: each is flushed.
        run_task(lambda: answers.close(names, fate), None, self._session.show_error, parent=self)

    def _drop(self, names: Iterable[str]) -> None:
        gone = [name for name in names if self._proposals.pop(name, None) is not None]
        if gone:
            self._judge(gone)
            self.changed.emit(gone)
            self.ticks_changed.emit()

    def _revert(self, name: str, ids: tuple[int, ...]) -> None:
        proposal = self._proposals.get(name)
        if proposal is not None and ids:
            self.edit(name, revert_pieces(proposal.diff.pieces, ids))

    def _on_captions_changed(self, names: list[str]) -> None:
        store = self._session.captions
        undone = [name for name in names if self._accepted.get(name) == store.text(name)]
        if undone and self.answers is not None:
            for name in undone:
                del self._accepted[name]
            answers = self.answers
            run_task(
                lambda: answers.close(undone, ""), lambda _: self.refresh(),
                self._session.show_error, parent=self,
            )  # fmt: skip
        self._compare([name for name in names if name in self._proposals])

    def _judge(self, names: Iterable[str]) -> None:
        """See anew which of these are ticked and which would lose words."""
        for name in names:
            found = self._proposals.get(name)
            lossy = found is not None and found.diff.lossy
            on = found is not None and found.is_change and self._ticks.get(name, not lossy)
            (self._lossy.add if lossy else self._lossy.discard)(name)
            (self._ticked.add if on else self._ticked.discard)(name)

    def _compare(self, names: list[str]) -> None:
        """Make the proposals of these names anew; many of them piece by piece in the background."""
        if len(names) <= AT_ONCE:
            self._take(_diffs(self._wanted(names), self._session.captions.separator))
            return
        idle = not self._waiting
        self._waiting |= dict.fromkeys(names)
        if idle:
            self._compare_next()

    def _compare_next(self) -> None:
        names, turn = list(self._waiting)[:PIECE], self._turn
        wanted, separator = self._wanted(names), self._session.captions.separator

        def done(diffs: Mapping[str, TextDiff]) -> None:
            if turn != self._turn:
                return
            for name in names:
                self._waiting.pop(name, None)
            self._take(diffs)
            if self._waiting:
                self._compare_next()

        run_task(lambda: _diffs(wanted, separator), done, parent=self)

    def _wanted(self, names: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Return the texts to compare: as they are now, and as they are proposed."""
        store = self._session.captions
        return {
            name: (store.text(name), self._edits.get(name, self._kept[name].text))
            for name in names
            if name in self._kept
        }

    def _take(self, diffs: Mapping[str, TextDiff]) -> None:
        if not diffs:
            return
        store = self._session.captions
        late = [name for name in diffs if store.text(name) != diffs[name].before]
        fresh = [name for name in diffs if name in self._kept and name not in late]
        for name in fresh:
            kept, edited = self._kept[name], name in self._edits
            text = self._edits.get(name, kept.text)
            self._proposals[name] = Proposal(name, text, diffs[name], kept.note, kept.model, edited)
        self._judge(fresh)
        self.changed.emit(fresh)
        self.ticks_changed.emit()
        self._compare([name for name in late if name in self._kept])


def _read(folder: Path) -> Answers:
    answers = Answers(folder)
    take_left_over(folder, answers)
    return answers


def _diffs(texts: Mapping[str, tuple[str, str]], separator: str) -> dict[str, TextDiff]:
    return {
        name: worddiff.compare(before, after, separator=separator)
        for name, (before, after) in texts.items()
    }
