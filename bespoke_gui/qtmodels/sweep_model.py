"""Sweep model: the runs that come of some values, and what they take, in the background."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.config.values import written
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.queue.entry import Entry
from bespoke_gui.core.queue.sweep import (
    Forecasts,
    SweepRun,
    axis_from,
    forecasts,
    plan_sweep,
)
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.preflight_model import PreflightModel
from bespoke_gui.qtmodels.rows_model import RowsModel
from bespoke_gui.qtmodels.tasks import run_task

PLAN_MS = 250


@dataclass(frozen=True)
class Planned:
    """A sweep as it would be; problem: why there is none, or why it would be no good."""

    runs: list[SweepRun]
    told: Forecasts | None
    problem: str = ""


@dataclass(frozen=True)
class SweepRow:
    """One run of the preview."""

    name: str
    values: str
    steps: str
    time: str
    cost: str
    note: str


class SweepRows(RowsModel):
    """The preview: one run a row."""

    headings = ("Config", "Values", "Steps", "Time", "Cost", "Note")
    right = (2, 3, 4)

    def text(self, row: SweepRow, column: int) -> str:
        return (row.name, row.values, row.steps, row.time, row.cost, row.note)[column]

    def tip(self, row: SweepRow) -> str:
        return f"{row.name}\n{row.values}\n{row.note}".strip()


class SweepModel(QObject):
    """`planned` comes soon after the last of several `ask`s, with a Planned."""

    planned = Signal(object)

    def __init__(self, like: Entry, preflight: PreflightModel, parent: QObject) -> None:
        super().__init__(parent)
        self.like = like
        self.plan = Planned([], None)
        self._preflight = preflight
        self._asked: tuple[list[str], bool] = ([], False)
        self._timer = QTimer(self, singleShot=True, interval=PLAN_MS)
        self._timer.timeout.connect(self._work_out)

    def ask(self, axes: Sequence[str], paired: bool) -> None:
        """Plan KEY=VALUE,VALUE texts soon."""
        self._asked = ([text for text in axes if text.partition("=")[2].strip()], paired)
        self._timer.start()

    def first_error(self) -> str:
        """Return what stands in the way of the config as it is now, "" for nothing."""
        found = self._preflight.first_error()
        return found.message if found else ""

    def _work_out(self) -> None:
        asked, known = self._asked, _known(self._preflight, self.like)
        like = self.like

        def done(found: Planned) -> None:
            if asked == self._asked:
                self.plan = found
                self.planned.emit(found)

        run_task(lambda: _planned(like, *asked, known), done, parent=self)


def rows_of(plan: Planned) -> list[SweepRow]:
    """Return the preview's rows."""
    each = plan.told.each if plan.told else [None] * len(plan.runs)
    found, names = [], [run.name for run in plan.runs]
    for run, one in zip(plan.runs, each, strict=True):
        values = ", ".join(f"{key} {written(value)}" for key, value in run.values.items())
        time = wording.duration(one.time.whole()[1]) if one and one.time else wording.DASH
        cost = f"${one.usd[1]:.2f}" if one and one.usd else wording.DASH
        steps = f"{one.plan.total_steps:,}" if one else wording.DASH
        note = f"the same as run {names.index(run.same_as) + 1}" if run.same_as else ""
        found.append(SweepRow(run.name, values, steps, time, cost, note))
    return found


def _known(preflight: PreflightModel, like: Entry) -> Callable[[list[SweepRun]], Forecasts]:
    """Return what works out a sweep's time and cost with what the preflight knows."""
    result = preflight.result
    images = result.data.images if result and result.data else 0
    usd = result.price.usd_per_hour if result and result.price else None
    gpu, past, engine = preflight.gpu, list(preflight.past), like.engine
    return lambda runs: forecasts(
        runs, images, base=like.base, past=past, gpu=gpu, usd_per_hour=usd,
        engine="kohya" if engine == "kohya" else "lora",
    )  # fmt: skip


def _planned(
    like: Entry, axes: list[str], paired: bool, known: Callable[[list[SweepRun]], Forecasts]
) -> Planned:
    if not axes:
        return Planned([], None)
    try:
        config = TrainingConfig(like.text)
        runs = plan_sweep(config, like.title, [axis_from(one) for one in axes], paired=paired)
    except AppError as error:
        hint = f" ({error.hint})" if error.hint else ""
        return Planned([], None, f"{error.message}{hint}")
    double = next((run for run in runs if run.same_as), None)
    why = f"{double.name} would train the same as {double.same_as}: {double.why}" if double else ""
    return Planned(runs, known(runs), why)
