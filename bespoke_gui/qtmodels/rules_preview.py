"""Rule preview: what the rule set would do to the captions, kept up to date while typing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.rules.engine import RuleResult
from bespoke_gui.core.rules.live import LivePreview, LiveResult
from bespoke_gui.core.rules.ruleset import RuleSet
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import Task, TaskContext, run_task

AGAIN_DELAY_MS = 200
T = TypeVar("T")


@dataclass(frozen=True)
class Totals:
    """Figures of a preview."""

    captions: int = 0
    changed: int = 0
    lossy: int = 0
    crossing: int = 0
    words_lost: int = 0
    overlap: int = 0
    safe: int = 0


@dataclass(frozen=True)
class Shown:
    """One finished preview: results by name, and the changed ones with the worst first."""

    live: LiveResult = field(default_factory=lambda: LiveResult({}, {}, Counter(), {}))
    order: tuple[str, ...] = ()
    totals: Totals = Totals()
    lost: tuple[tuple[str, int], ...] = ()


class RulePreview(QObject):
    """Runs the rules in the background; what was asked last is what comes.

    `updated`: results are new; `warned`: it is known which captions a second run would change;
    `ticked`: a tick was set or taken.
    """

    updated = Signal()
    warned = Signal()
    ticked = Signal()
    busy_changed = Signal(bool)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._live = LivePreview()
        self.shown = Shown()
        self.unstable: list[str] = []
        self._ticks: dict[str, tuple[str, bool]] = {}
        self._wanted: tuple[RuleSet, list[str] | None] | None = None
        self._current: tuple[RuleSet, str] | None = None
        self._running: Task | None = None
        self._is_running = False
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._start)
        self._again_timer = QTimer(self, singleShot=True, interval=AGAIN_DELAY_MS)
        self._again_timer.timeout.connect(self._look_again)

    def ask(self, ruleset: RuleSet, names: list[str] | None = None) -> None:
        """Preview these captions (all, for None); a preview still going on gives way."""
        self._wanted = (ruleset, names)
        self._again_timer.stop()
        if self._running is not None:
            self._running.cancel()
        self._timer.start()

    def result(self, name: str) -> RuleResult | None:
        """Return what would become of a caption, None when it was not looked at."""
        return self.shown.live.results.get(name)

    def is_ticked(self, name: str) -> bool:
        """Whether a caption would be written: by choice, else when nothing is lost or crossed."""
        result = self.result(name)
        if result is None or not result.changed:
            return False
        after, ticked = self._ticks.get(name, ("", False))
        return ticked if name in self._ticks and after == result.after else result.safe

    def set_ticks(self, names: list[str], on: bool) -> None:
        """Tick or untick captions; the choice holds as long as the outcome is the same."""
        for name in names:
            result = self.result(name)
            if result is not None and result.changed:
                self._ticks[name] = (result.after, on)
        self.ticked.emit()

    def forget_ticks(self) -> None:
        """Tick again what is safe, and nothing else."""
        self._ticks = {}
        self.ticked.emit()

    def ticked_counts(self) -> tuple[int, int]:
        """Return how many captions are ticked, and how many of those lose words."""
        ticked, lossy = self.shown.totals.safe, 0
        for name, (after, on) in self._ticks.items():
            result = self.result(name)
            if result is None or not result.changed or result.after != after:
                continue
            if on != result.safe:
                ticked += 1 if on else -1
                lossy += on and result.lossy
        return ticked, lossy

    def chosen(self) -> dict[str, RuleResult]:
        """Return the results that are ticked, in the captions' order."""
        results = self.shown.live.results
        return {name: result for name, result in results.items() if self.is_ticked(name)}

    def _start(self) -> None:
        if self._is_running or self._wanted is None:
            return
        project, (ruleset, names) = self._session.project, self._wanted
        self._wanted = None
        separator = project.separator if project is not None else ","
        texts = self._session.captions.texts()
        chosen = texts if names is None else {n: texts[n] for n in names if n in texts}
        live = self._live

        def work(context: TaskContext) -> Shown:
            return _sum_up(live.update(ruleset, chosen, separator, context.check))

        def done(shown: Shown) -> None:
            self.shown, self.unstable = shown, []
            self._current = (ruleset, separator)
            self._again_timer.start()
            self.updated.emit()

        self._run(work, done)

    def _look_again(self) -> None:
        """Find out what a second run would change, now that nobody types."""
        if self._is_running or self._current is None or self._wanted is not None:
            return
        ruleset, separator = self._current
        results, live = self.shown.live.results, self._live
        failed = set(self.shown.live.errors)
        right = RuleSet(
            ruleset.name, [r for r in ruleset.rules if r.name not in failed], ruleset.synonyms
        )

        def done(found: list[str]) -> None:
            self.unstable = found
            self.warned.emit()

        def work(context: TaskContext) -> list[str]:
            return live.unstable(right, results, separator, context.check)

        self._run(work, done)

    def _run(self, work: Callable[[TaskContext], T], done: Callable[[T], None]) -> None:
        self._is_running = True
        self.busy_changed.emit(True)
        self._running = run_task(
            work,
            done,
            self._session.show_error,
            parent=self,
            ended=self._on_ended,
        )

    def _on_ended(self) -> None:
        self._is_running = False
        self.busy_changed.emit(False)
        if self._wanted is not None:
            self._timer.start()


def _sum_up(live: LiveResult) -> Shown:
    results = live.results
    changed = [name for name, result in results.items() if result.changed]
    order = sorted(changed, key=lambda name: _rank(results[name]))
    lost: dict[str, int] = {}
    for name in changed:
        for word in results[name].lost:
            lost[word] = lost.get(word, 0) + 1
    totals = Totals(
        len(results),
        len(changed),
        sum(results[name].lossy for name in changed),
        sum(results[name].crosses_separator for name in changed),
        sum(lost.values()),
        sum(bool(results[name].overlaps) for name in changed),
        sum(results[name].safe for name in changed),
    )
    return Shown(live, tuple(order), totals, tuple(sorted(lost.items(), key=lambda p: -p[1])))


def _rank(result: RuleResult) -> tuple[int, bool]:
    return -len(result.lost), not result.crosses_separator
