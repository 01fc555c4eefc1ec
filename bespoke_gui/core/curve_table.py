"""Curve table: the loss curves of runs as numbers: thinned as they are drawn, or every step."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bespoke_gui.core.loss_curves import Line, LossCurve, line_of, read_curve, smooth
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runs import RunInfo

COLUMNS = ("run", "step", "epoch", "loss", "smoothed", "learning_rate", "held_out_loss")


@dataclass(frozen=True)
class RunCurve:
    """The curve of one run and what is drawn of it; `weight` is its smoothing."""

    run: str
    state: str
    curve: LossCurve
    line: Line
    weight: float

    def last(self) -> dict[str, Any] | None:
        """Return the figures at its end, None for what was not told; None without any step."""
        if not self.curve.steps:
            return None
        held_out = [loss for _, loss in sorted(self.curve.held_out.items())]
        return {
            "step": self.curve.steps[-1], "epoch": self.curve.epochs[-1],
            "loss": _told(self.line.losses[-1]), "smoothed": _told(self.line.smoothed[-1]),
            "rate": _told(self.line.rates[-1]), "held_out": held_out[-1] if held_out else None,
        }  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """Return the line as lists of one length, None for what was not told."""
        line = self.line
        return {
            "run": self.run, "state": self.state, "steps": len(self.curve.steps),
            "last": self.last(), "x": list(line.x), "loss": [*map(_told, line.losses)],
            "smoothed": [*map(_told, line.smoothed)], "rate": [*map(_told, line.rates)],
            "held_out": [list(dot) for dot in line.dots],
        }  # fmt: skip


def read_curves(infos: Sequence[RunInfo], by_epoch: bool, weight: float) -> list[RunCurve]:
    """Read the curves of runs; weight: the smoothing, 0 to below 1."""
    found = []
    for info in infos:
        curve = read_curve(RunDir(info.folder).events_path)
        line = line_of(curve, by_epoch, weight)
        found.append(RunCurve(info.run, info.state, curve, line, weight))
    return found


def as_csv(found: Iterable[RunCurve]) -> str:
    """Return a table with a line for every step of every run; empty where a value was not told.

    The loss on images held out stands at the last step of its epoch.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for one in found:
        curve, smoothed = one.curve, smooth(one.curve.losses, one.weight)
        held_out = _by_step(curve)
        for at, step in enumerate(curve.steps):
            values = (curve.losses[at], smoothed[at], curve.rates[at], held_out.get(at, math.nan))
            cells = ["" if value != value else repr(value) for value in values]
            table.writerow([one.run, step, f"{curve.epochs[at]:.6g}", *cells])
    return text.getvalue()


def _by_step(curve: LossCurve) -> dict[int, float]:
    """Return the losses on held-out images by the place of the last step of their epoch."""
    found = {}
    for epoch, loss in curve.held_out.items():
        places = [at for at, told in enumerate(curve.epochs) if told <= epoch + 1e-9]
        if places:
            found[places[-1]] = loss
    return found


def _told(value: float) -> float | None:
    return None if value != value else value
