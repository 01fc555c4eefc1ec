"""Counts of captions by state, kept up to date name by name; a whole recount is background work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.breathing import Breath
from bespoke_gui.qtmodels.image_list_model import RowState
from bespoke_gui.qtmodels.tasks import Task, TaskContext, run_task

# Quick filters: what they write into the query, their words, and the state they mean.
QUICK: dict[str, tuple[str, Callable[[RowState], bool]]] = {
    "": ("All images", lambda state: True),
    "status:todo": ("To review", lambda state: state.review == "todo"),
    "status:needs_work": ("Needs work", lambda state: state.review == "needs_work"),
    "status:accepted": ("Accepted", lambda state: state.review == "accepted"),
    "lossy:yes": ("Lost words", lambda state: state.lossy),
    "changed:yes": ("Changed", lambda state: state.changed),
    "status:unsaved": ("Not saved", lambda state: state.unsaved),
    "lint:*": ("With notes", lambda state: state.notes > 0),
    "status:missing": ("No caption", lambda state: state.missing),
    "status:excluded": ("Excluded", lambda state: state.excluded),
}
TERMS = tuple(term for term in QUICK if term)
AT_ONCE = 200  # so many names are looked at without a pause
REST_MS = 4
MOST = 10_000  # more names are looked at in the background, all anew
CHUNK = 200


class StateCounts(QObject):
    """How many captions each quick filter would show; `changed` when a count is another one."""

    changed = Signal()

    def __init__(self, state_of: Callable[[str], RowState], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state_of = state_of
        self._names: list[str] = []
        self._known: dict[str, int] = {}
        self._counts = [0] * len(QUICK)
        self._task: Task | None = None
        self._dirty: set[str] = set()
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._recount)
        self._waiting: dict[str, None] = {}
        self._soon = QTimer(self, singleShot=True, interval=REST_MS)
        self._soon.timeout.connect(self._look_at_some)

    def set_names(self, names: list[str], look: bool = True) -> None:
        """Count these captions from now on; without `look` only how many they are."""
        self._names = names
        self._known, self._counts = {}, [0] * len(QUICK)
        self._counts[0] = len(names)
        self.changed.emit()
        if look:
            self._timer.start()
        else:
            self._timer.stop()

    def count(self, term: str) -> int:
        """Return how many captions have the state of a quick filter."""
        return self._counts[list(QUICK).index(term)]

    def refresh(self, names: Iterable[str] = ()) -> None:
        """The states of these captions (of all, without names) may have changed."""
        some = list(names)
        if not some or len(some) > MOST:
            self._timer.start()
            return
        self._waiting |= dict.fromkeys(some)
        self._look_at_some()

    def _look_at_some(self) -> None:
        """Look at a few of those that wait; the others when the window had time to paint."""
        some = list(islice(self._waiting, AT_ONCE))
        if self._task is not None:
            self._dirty.update(some)
        for name in some:
            del self._waiting[name]
            self._look(name)
        if self._waiting:
            self._soon.start()
        self.changed.emit()

    def _look(self, name: str) -> None:
        before = self._known.get(name)
        if before is None:
            return
        now = self._known[name] = _mask(self._state_of(name))
        for place in range(1, len(self._counts)):
            self._counts[place] += (now >> place & 1) - (before >> place & 1)

    def _recount(self) -> None:
        if self._task is not None:
            self._task.cancel()
        names, state_of, self._dirty, self._waiting = self._names, self._state_of, set(), {}

        def work(context: TaskContext) -> tuple[dict[str, int], list[int]]:
            known: dict[str, int] = {}
            counts = [0] * len(QUICK)
            breath = Breath()
            for place, name in enumerate(names):
                if place % CHUNK == 0:
                    context.check()
                    breath()
                mask = known[name] = _mask(state_of(name))
                for bit in _BITS[mask]:
                    counts[bit] += 1
            return known, counts

        self._task = run_task(work, self._take, parent=self)

    def _take(self, result: tuple[dict[str, int], list[int]]) -> None:
        self._task = None
        self._known, self._counts = result
        # What changed while all of them were being looked at is looked at once more.
        for name in self._dirty:
            self._look(name)
        self._dirty = set()
        self.changed.emit()


def _mask(state: RowState) -> int:
    return sum(holds(state) << place for place, (_, holds) in enumerate(QUICK.values()))


class _Bits(dict[int, tuple[int, ...]]):
    """The places of the bits that are set, worked out once for each mask."""

    def __missing__(self, mask: int) -> tuple[int, ...]:
        places = tuple(place for place in range(len(QUICK)) if mask >> place & 1)
        self[mask] = places
        return places


_BITS = _Bits()
