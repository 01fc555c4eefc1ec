"""Comparison: the captions of now against a chosen earlier state, by words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import astuple, dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core import worddiff
from bespoke_gui.core.breathing import here_to_stay, let_go
from bespoke_gui.core.caption_revert import pieces_of_phrase, revert_pieces
from bespoke_gui.core.history import History, Snapshot
from bespoke_gui.core.worddiff import TextDiff
from bespoke_gui.qtmodels.caption_sides import DISK, Side, load_side, snapshot_side
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import Task, TaskContext, run_task

LARGE = 3_000
AT_ONCE = 200  # captions compared again on the GUI thread; more go to the background


@dataclass(frozen=True)
class Totals:
    """Figures of the whole comparison."""

    changed: int = 0
    lossy: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: Totals) -> Totals:
        return Totals(*(a - b for a, b in zip(astuple(self), astuple(other), strict=True)))


class _Compared(NamedTuple):
    before: dict[str, str]
    diffs: dict[str, TextDiff]
    totals: Totals


class Comparison(QObject):
    """Diffs by caption name; `updated` carries the names whose diff is new ([] means all)."""

    updated = Signal(object)
    baselines_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._before: dict[str, str] = {}
        self._diffs: dict[str, TextDiff] = {}
        self._totals = Totals()
        self._task: Task | None = None
        self._late: set[str] = set()  # edited while all were being compared
        self._again = QTimer(self, singleShot=True, interval=0)
        self._again.timeout.connect(lambda: self.compare_with(self.baseline))
        self.baseline = Side()
        self.snapshots: list[Snapshot] = []
        store = session.captions
        store.changed.connect(self._on_changed)
        store.saved.connect(self._on_saved)
        session.project_changed.connect(self.restart)
        session.snapshots_changed.connect(self.read_snapshots)
        self.restart()

    def restart(self) -> None:
        """Compare with the newest snapshot of the project, or with the files if it has none."""
        if self._task is not None:
            self._task.cancel()
        self.snapshots, self._before, self._diffs = [], {}, {}
        self.baseline, self._totals = Side(), Totals()
        self.read_snapshots(choose=True)

    def read_snapshots(self, choose: bool = False) -> None:
        """Read the list of snapshots; with `choose` compare with the newest that people named."""
        project = self._session.project
        if project is None:
            self.updated.emit([])
            return

        def work() -> list[Snapshot]:
            with History(project.folder) as history:
                return history.snapshots()

        def done(found: list[Snapshot]) -> None:
            self.snapshots = found
            self.baselines_changed.emit()
            if choose:
                named = [s for s in found if not s.automatic]
                newest = named[0].name if named else ""
                self.compare_with(snapshot_side(newest) if newest else Side())

        run_task(work, done, self._session.show_error, parent=self)

    def compare_with(self, baseline: Side) -> None:
        """Read this state in the background and compare all captions with it."""
        project = self._session.project
        if project is None:
            return
        if self._task is not None:
            self._task.cancel()
        known = self._session.captions.moment()
        self._late = set()

        def work(context: TaskContext) -> _Compared:
            before, after = load_side(baseline, project, known), known.now
            diffs = {}
            for name in known.names:
                context.check()
                diffs[name] = _compare(before, name, after.get(name), project.separator)
            if len(diffs) > LARGE:
                here_to_stay()
            return _Compared(before, diffs, _sum(diffs.values()))

        def done(result: _Compared) -> None:
            self.baseline, old = baseline, self._diffs
            self._before, self._diffs, self._totals = result
            run_task(lambda: let_go(old), parent=self)
            self._on_changed(list(self._late))
            self.baselines_changed.emit()
            self.updated.emit([])

        self._task = run_task(work, done, self._failed, parent=self)

    def before(self, name: str) -> str | None:
        """Return the earlier text of a caption, None where there was none."""
        return self._before.get(name)

    def diff(self, name: str) -> TextDiff | None:
        """Return what changed in a caption since then, None before that is known."""
        return self._diffs.get(name)

    def totals(self) -> Totals:
        """Return the figures of the whole set."""
        return self._totals

    def revert(self, name: str) -> None:
        """Put the whole earlier text back, as a step that can be undone."""
        before = self.before(name)
        if before is not None:
            self._session.captions.edit(name, before, f"revert {PurePosixPath(name).stem}")

    def revert_piece(self, name: str, number: int) -> None:
        """Put one piece of a caption back, by its id; a moved phrase goes to its old place."""
        self._revert(name, (number,), "a piece")

    def revert_phrase(self, name: str, offset: int) -> None:
        """Put the phrase at an offset of the caption back as it was."""
        diff = self.diff(name)
        if diff is not None:
            self._revert(name, pieces_of_phrase(diff, offset), "a phrase")

    def _revert(self, name: str, ids: tuple[int, ...], what: str) -> None:
        diff = self.diff(name)
        if diff is not None and ids:
            label = f"revert {what} of {PurePosixPath(name).stem}"
            self._session.captions.edit(name, revert_pieces(diff.pieces, ids), label)

    def _failed(self, error: Exception) -> None:
        self._session.show_error(error)
        self.baselines_changed.emit()

    def _on_changed(self, names: list[str]) -> None:
        project = self._session.project
        if project is None or not names:
            return
        is_comparing = self._task is not None and self._task.is_running
        if is_comparing:
            self._late.update(names)
        if len(names) > AT_ONCE:
            if not is_comparing:
                self._again.start()
            return
        for name in names:
            diff = _compare(self._before, name, self._text(name), project.separator)
            old = self._diffs.get(name)
            self._totals += _sum([diff]) - _sum([old] if old is not None else [])
            self._diffs[name] = diff
        self.updated.emit(names)

    def _on_saved(self, names: list[str]) -> None:
        if self.baseline.kind == DISK:
            store = self._session.captions
            self._before |= {name: store.on_disk(name).text for name in names}
            self._on_changed(names)

    def _text(self, name: str) -> str | None:
        store = self._session.captions
        text = store.text(name)
        return None if not text and store.on_disk(name).missing else text


def _compare(before: Mapping[str, str], name: str, after: str | None, separator: str) -> TextDiff:
    return worddiff.compare(before.get(name), after, separator=separator)


def _sum(diffs: Collection[TextDiff]) -> Totals:
    return Totals(
        sum(diff.status != "equal" for diff in diffs),
        sum(diff.lossy for diff in diffs),
    )
