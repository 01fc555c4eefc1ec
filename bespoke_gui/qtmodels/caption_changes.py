"""Change set: any two states of all captions compared, each distinct change once, taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core import worddiff
from bespoke_gui.core.caption_revert import (
    pieces_of_phrase,
    revert_captions,
    revert_change,
    revert_pieces,
)
from bespoke_gui.core.change_index import Change, ChangeIndex
from bespoke_gui.core.project import Project
from bespoke_gui.core.reviewed_changes import ReviewedChanges
from bespoke_gui.core.worddiff import TextDiff
from bespoke_gui.qtmodels.caption_moment import CaptionMoment
from bespoke_gui.qtmodels.caption_sides import DISK, NOW, Side, load_side, now_side
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.snapshots import edit_after_snapshot
from bespoke_gui.qtmodels.tasks import Task, TaskContext, run_task

CATCH_UP_MS = 120
AT_ONCE = 200  # captions compared again on the GUI thread; more go to the background


@dataclass(frozen=True)
class ChangeTotals:
    """Figures of a comparison, in captions; `words` counts the words lost."""

    captions: int = 0
    equal: int = 0
    changed: int = 0
    lossy: int = 0
    moved: int = 0
    words: int = 0


@dataclass
class _Compared:
    """What the background made of two sides."""

    texts: tuple[dict[str, str], dict[str, str]]
    files: dict[str, TextDiff]
    index: ChangeIndex
    reviewed: ReviewedChanges


class ChangeSet(QObject):
    """Diffs of two sides by caption name. A side that is "now" follows every edit.

    `updated`: everything is new; `edited`: these captions are; `progressed`: how many are
    compared, of how many. While not active edits are only noted.
    """

    updated = Signal()
    edited = Signal(object)
    progressed = Signal(int, int)
    busy_changed = Signal(bool)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.before, self.after = Side(), now_side()
        self.files: dict[str, TextDiff] = {}
        self._texts: tuple[dict[str, str], dict[str, str]] = ({}, {})
        self._index = ChangeIndex()
        self._reviewed: ReviewedChanges | None = None
        self._task: Task | None = None
        self._run = 0
        self._dirty: set[str] = set()
        self._is_active = False
        self._timer = QTimer(self, singleShot=True, interval=CATCH_UP_MS)
        self._timer.timeout.connect(self._catch_up)
        session.captions.changed.connect(self._note)
        session.captions.saved.connect(self._note)
        session.project_changed.connect(self._forget)

    @property
    def is_busy(self) -> bool:
        """Whether a comparison is under way."""
        return self._task is not None

    @property
    def can_revert(self) -> bool:
        """Whether the later side is the captions of now: only those can be changed."""
        return self.after.kind == NOW

    def compare(self, before: Side, after: Side) -> None:
        """Read both sides in the background and compare all captions."""
        project = self._session.project
        if project is None:
            return
        self.cancel()
        self._dirty.clear()
        store = self._session.captions
        known = store.moment()
        self._run += 1
        run = self._run

        def done(result: _Compared) -> None:
            self.before, self.after = before, after
            self._take(result)

        def ended() -> None:
            if run == self._run:
                self._task = None
                self.busy_changed.emit(False)

        task = run_task(
            lambda context: _compared(context, project, before, after, known),
            done,
            self._session.show_error,
            lambda count, total, _: self.progressed.emit(count, total),
            parent=self,
            ended=ended,
        )
        if task.is_running:
            self._task = task
            self.busy_changed.emit(True)

    def cancel(self) -> None:
        """Give up the comparison under way; what was there before stays."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._run += 1
            self.busy_changed.emit(False)

    def set_active(self, active: bool) -> None:
        """Follow edits at once (somebody looks), or only note them."""
        self._is_active = active
        if active and self._dirty:
            self._catch_up()

    def diff(self, name: str) -> TextDiff | None:
        """Return the diff of a caption."""
        return self.files.get(name)

    def changed_names(self, lossy: bool = False) -> list[str]:
        """Return the captions that differ (or only those that lost words), in order."""
        return [
            name
            for name, diff in self.files.items()
            if diff.status != "equal" and (diff.lossy or not lossy)
        ]

    def changes(self) -> list[Change]:
        """Return each distinct change, the most frequent first."""
        return self._index.changes()

    def totals(self) -> ChangeTotals:
        """Return the figures of the comparison."""
        diffs = self.files.values()
        equal = sum(diff.status == "equal" for diff in diffs)
        return ChangeTotals(
            captions=len(self.files),
            equal=equal,
            changed=len(self.files) - equal,
            lossy=sum(diff.lossy for diff in diffs),
            moved=sum(bool(diff.moved) for diff in diffs),
            words=sum(len(diff.lost) for diff in diffs),
        )

    def is_accepted(self, change: Change) -> bool:
        """Whether somebody looked at this change and accepted it."""
        return self._reviewed is not None and self._reviewed.holds(change)

    def accept(self, changes: Iterable[Change], accepted: bool = True) -> None:
        """Remember that these changes are fine, or that they are open again."""
        reviewed, changes = self._reviewed, list(changes)
        if reviewed is None or not changes:
            return
        (reviewed.add if accepted else reviewed.remove)(changes)
        run_task(reviewed.save, None, self._session.show_error, parent=self)
        self.updated.emit()

    def revert_change(self, change: Change, names: Iterable[str] | None = None) -> None:
        """Take one distinct change back, everywhere or in some captions, as one step."""
        wanted = [n for n in (change.names if names is None else names) if n in self.files]
        diffs = {name: self.files[name] for name in wanted}

        def edit(texts: dict[str, str]) -> None:
            self._edit(texts, f"revert a change in {_captions(len(texts))}")

        run_task(
            lambda: revert_change(diffs, change.key, wanted),
            edit,
            self._session.show_error,
            parent=self,
        )

    def revert_captions(self, names: Iterable[str]) -> None:
        """Put the whole earlier texts of captions back, as one step.

        A caption that was not there before stays.
        """
        texts = revert_captions(self.files, [n for n in names if n in self.files])
        what = _stem(next(iter(texts))) if len(texts) == 1 else _captions(len(texts))
        self._edit(texts, f"revert {what}")

    def revert_pieces(self, name: str, ids: Iterable[int]) -> None:
        """Take pieces of one caption back."""
        diff = self.diff(name)
        if diff is not None:
            text = revert_pieces(diff.pieces, set(ids))
            self._edit({name: text}, f"revert a piece of {_stem(name)}")

    def revert_phrase(self, name: str, offset: int) -> None:
        """Put the phrase at an offset of the later text back as it was."""
        diff = self.diff(name)
        if diff is not None:
            self.revert_pieces(name, pieces_of_phrase(diff, offset))

    def _edit(self, texts: Mapping[str, str], label: str) -> None:
        """Change captions of now, unless one was edited since its diff was made."""
        now, known = self._session.captions.text, self.files
        texts = {n: t for n, t in texts.items() if n in known and now(n) == known[n].after}
        if self.can_revert and texts:
            edit_after_snapshot(self._session, texts, label)

    def _take(self, result: _Compared) -> None:
        self._texts, self.files = result.texts, result.files
        self._index, self._reviewed = result.index, result.reviewed
        store, after = self._session.captions, result.texts[1]
        if self.can_revert:
            self._dirty |= {name for name in after if store.text(name) != after[name]}
        self._dirty &= set(store.names())
        if self._dirty and self._is_active:
            self._timer.start()
        self.updated.emit()

    def _forget(self) -> None:
        self.cancel()
        self.before, self.after = Side(), now_side()
        self._texts, self.files = ({}, {}), {}
        self._index, self._reviewed = ChangeIndex(), None
        self._dirty.clear()
        self.updated.emit()

    def _note(self, names: list[str]) -> None:
        if {self.before.kind, self.after.kind} & {NOW, DISK}:
            self._dirty.update(names)
            if self._is_active and not self.is_busy:
                self._timer.start()

    def _catch_up(self) -> None:
        """Compare again what was edited."""
        names = [name for name in self._session.captions.names() if name in self._dirty]
        if len(names) > AT_ONCE:
            self.compare(self.before, self.after)
            return
        self._dirty.clear()
        project = self._session.project
        if project is None or not self.files:
            return
        for name in names:
            self._put(name, project.separator)
        self.edited.emit(names)

    def _put(self, name: str, separator: str) -> None:
        sides: list[str | None] = []
        for side, texts in zip((self.before, self.after), self._texts, strict=True):
            if side.kind in (NOW, DISK):
                text = self._text(name, side.kind)
                texts.pop(name, None)
                texts |= {name: text} if text is not None else {}
            sides.append(texts.get(name))
        old, new = sides
        missing = old is None and new is None
        diff = None if missing else worddiff.compare(old, new, separator=separator)
        if diff is None:
            self.files.pop(name, None)
        else:
            self.files[name] = diff
        self._index.put(name, diff)

    def _text(self, name: str, kind: str) -> str | None:
        store = self._session.captions
        caption = store.on_disk(name)
        text = store.text(name) if kind == NOW else caption.text
        return None if caption.missing and not text else text


def _compared(
    context: TaskContext, project: Project, before: Side, after: Side, known: CaptionMoment
) -> _Compared:
    sides = (load_side(before, project, known), load_side(after, project, known))

    files: dict[str, TextDiff] = {}
    index = ChangeIndex()
    # Captions without an image today cannot be shown or changed here.
    names = [name for name in known.now if name in sides[0] or name in sides[1]]
    for count, name in enumerate(names, 1):
        context.check()
        context.progress(count, len(names))
        old, new = (side.get(name) for side in sides)
        files[name] = worddiff.compare(old, new, separator=project.separator)
        index.put(name, files[name])
    return _Compared(sides, files, index, ReviewedChanges(project.folder))


def _captions(count: int) -> str:
    return "1 caption" if count == 1 else f"{count} captions"


def _stem(name: str) -> str:
    return PurePosixPath(name).stem
