"""Curves desk: which runs are laid over each other, and their curves as they are drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor

from bespoke_gui.core.loss_curves import Line, LossCurve, differences, line_of, read_curve
from bespoke_gui.core.project import Project
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runs import RunInfo
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.rows import Index
from bespoke_gui.qtmodels.rows_model import RowsModel
from bespoke_gui.qtmodels.run_model import STATE_WORDS, run_title
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task
from bespoke_gui.qtmodels.train_work import RunsReader

AT_FIRST = 3
LIVE_MS = 1000
SMOOTH_MS = 40
SMOOTHING = 0.9
CHECKED = Qt.CheckState.Checked


@dataclass(frozen=True)
class CurveRow:
    """A run in the list: `place` says which colour its line has, -1 while it is not chosen."""

    run: str
    title: str
    state: str
    place: int = -1
    loss: float | None = None
    rate: float | None = None
    held_out: float | None = None
    created: str = ""


class CurveRows(RowsModel):
    """The trainings of the project, each with a box to lay its curve over the others."""

    headings = ("Run", "Loss", "Held out", "Rate")
    right = (1, 2, 3)
    toggled = Signal(str, bool)

    def __init__(self, colour_of: Callable[[int], QColor], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._colour_of = colour_of

    def text(self, row: CurveRow, column: int) -> str:
        state = "" if row.state == "finished" else f" ({STATE_WORDS.get(row.state, row.state)})"
        figures = (wording.figure(row.loss), wording.figure(row.held_out), wording.rate(row.rate))
        return (f"{row.title}{state}", *figures)[column]

    def tip(self, row: CurveRow) -> str:
        begun = f"\nbegun {row.created}" if row.created else ""
        return f"{row.run}{begun}\nSpace or a click on the box lays its curve over the others"

    def flags(self, index: Index) -> Qt.ItemFlag:
        checkable = Qt.ItemFlag.ItemIsUserCheckable if index.column() == 0 else Qt.ItemFlag(0)
        return super().flags(index) | checkable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == 0:
            chosen = self.rows[index.row()].place >= 0
            return CHECKED if chosen else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            place = self.rows[index.row()].place
            return self._colour_of(place) if place >= 0 else QColor(Qt.GlobalColor.transparent)
        return super().data(index, role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        self.toggled.emit(self.rows[index.row()].run, Qt.CheckState(value) == CHECKED)
        return True


class CurvesDesk(QObject):
    """Reads curves in the background while `is_shown`, those of running runs again and again.

    `changed` comes whenever rows or lines are others. `chosen` are runs in the order of their
    colours: one that is taken away frees its colour, and the others keep theirs.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._reader = RunsReader()
        self._runs: list[RunInfo] = []
        self._curves: dict[str, LossCurve] = {}
        self.lines: dict[str, Line] = {}
        self.chosen: list[str | None] = []
        self.by_epoch, self.smoothing = True, SMOOTHING
        self.is_shown = self._is_reading = self._again = False
        self._folder: Path | None = None
        self._timer = QTimer(self, interval=LIVE_MS)
        self._timer.timeout.connect(self._read_curves)
        self._draw = QTimer(self, singleShot=True, interval=SMOOTH_MS)
        self._draw.timeout.connect(self._read_curves)
        session.project_changed.connect(self.read)
        session.runs_changed.connect(self.read)

    def show(self, shown: bool) -> None:
        """Read while somebody looks."""
        self.is_shown = shown
        if shown:
            self.read()
        else:
            self._timer.stop()

    def read(self) -> None:
        """Read the list of runs again, and then their curves."""
        project = self._session.project
        if not self.is_shown or project is None:
            return
        if project.folder != self._folder:
            self._folder, self.chosen, self._curves, self.lines = project.folder, [], {}, {}
            self._runs = []

        def done(found: list[RunInfo]) -> None:
            if project is self._session.project:
                self._take_runs(found)

        run_task(lambda: trainings(project, self._reader), done, self._session.show_error,
                 parent=self)  # fmt: skip

    def toggle(self, run: str, wanted: bool) -> None:
        """Lay the curve of a run over the others, or take it away."""
        if wanted and run not in self.chosen:
            free = self.chosen.index(None) if None in self.chosen else len(self.chosen)
            self.chosen[free : free + 1] = [run]
        elif not wanted and run in self.chosen:
            self.chosen[self.chosen.index(run)] = None
            self.lines.pop(run, None)
        self.changed.emit()
        self._read_curves()

    def draw(self, by_epoch: bool, smoothing: float) -> None:
        """Draw over epochs or steps, smoothed by 0 to below 1."""
        if (by_epoch, smoothing) != (self.by_epoch, self.smoothing):
            self.by_epoch, self.smoothing = by_epoch, smoothing
            self._draw.start()

    def rows(self, x: float | None = None) -> list[CurveRow]:
        """Return the runs with their figures at `x`, None: at the end of each."""
        return [self._row(info, x) for info in self._runs]

    def unlike(self) -> list[str]:
        """Return the settings that keep the chosen losses from being compared."""
        chosen = [info for info in self._runs if info.run in self.chosen]
        return differences([dict(info.spec.get("config") or {}) for info in chosen])

    def title(self, run: str) -> str:
        """Return what a run is called."""
        return next((run_title(info) for info in self._runs if info.run == run), run)

    def _row(self, info: RunInfo, x: float | None) -> CurveRow:
        place = self.chosen.index(info.run) if info.run in self.chosen else -1
        created = str(info.spec.get("created", "")).replace("T", " ")[:16]
        line = self.lines.get(info.run)
        at = (len(line.x) - 1 if x is None else line.at(x)) if line and line.x else None
        if line is None or at is None:
            return CurveRow(info.run, run_title(info), info.state, place, created=created)
        dots = [loss for where, loss in line.dots if x is None or where <= x]
        return CurveRow(
            info.run, run_title(info), info.state, place, line.smoothed[at], line.rates[at],
            dots[-1] if dots else None, created,
        )  # fmt: skip

    def _take_runs(self, found: list[RunInfo]) -> None:
        is_first = not self._runs
        self._runs = found
        names = {info.run for info in found}
        self.chosen = [run if run in names else None for run in self.chosen]
        if is_first and not any(self.chosen):
            self.chosen = [info.run for info in found[:AT_FIRST]]
        self.changed.emit()
        self._read_curves()

    def _read_curves(self) -> None:
        if self._is_reading:
            self._again = True
            return
        wanted = {info.run: info for info in self._runs if info.run in self.chosen}
        known, style = dict(self._curves), (self.by_epoch, self.smoothing)

        def work() -> dict[str, tuple[LossCurve, Line]]:
            found = {}
            for run, info in wanted.items():
                curve = read_curve(RunDir(info.folder).events_path, known.get(run))
                found[run] = (curve, line_of(curve, *style))
            return found

        def done(found: dict[str, tuple[LossCurve, Line]]) -> None:
            for run, (curve, line) in found.items():
                if run in self.chosen:
                    self._curves[run], self.lines[run] = curve, line
            self.changed.emit()

        self._is_reading = True
        run_task(work, done, self._session.show_error, parent=self, ended=self._on_read)

    def _on_read(self) -> None:
        self._is_reading = False
        live = any(info.state == "running" and info.run in self.chosen for info in self._runs)
        if self.is_shown and live:
            self._timer.start()
        else:
            self._timer.stop()
        if self._again:
            self._again = False
            self._read_curves()


def trainings(project: Project, reader: RunsReader) -> list[RunInfo]:
    """Return the runs that train, newest first."""
    return [info for info in reader.read(project) if not info.spec.get("loras")]
