"""Which figures of a gallery are plotted over the epochs, and how they are written."""

from __future__ import annotations

import math
from collections.abc import Callable

from bespoke_gui.core.measures import Measure
from bespoke_gui.core.report import ReportInput
from bespoke_gui.core.report.svg_plot import Bounds, Point, interval_plot
from bespoke_gui.core.report.words import shown_measures

BOUNDS = {"share": (0.0, 1.0), "0 to 1": (0.0, 1.0), "-1 to 1": (-1.0, 1.0)}
"""The lowest and highest value there can be, by a measure's unit; 0 and any number for others."""


def plots(given: ReportInput) -> list[tuple[str, str]]:
    """Return (title, svg) of everything that changes over the epochs; people's figures first."""
    found = [("Blind votes: strength", _votes(given)), ("Score by people", _scores(given))]
    found.append(("Weighted index of the measures", _index(given)))
    found += [(f"{m.title} ({m.unit})", _measure(given, m)) for m in shown_measures(given)]
    found.append(("Learning rate at the epoch's end", _rates(given)))
    found.append(("Held-out loss: on images that were not taught", _losses(given)))
    return [(title, svg) for title, svg in found if svg]


def _votes(given: ReportInput) -> str:
    standing = given.verdict.standing if given.verdict else None
    if standing is None or not standing.votes:
        return ""
    points = [
        Point(_label(item.epoch), item.strength, item.low, item.high, item.epoch == given.chosen)
        for item in sorted(standing.epochs, key=lambda item: item.epoch)
    ]
    return interval_plot(points, "Blind votes: strength", lambda value: f"{value:+.1f}", 0.0,
                         axis=signed)  # fmt: skip


def signed(value: float) -> str:
    """Return "+0.5", "-1" or "0"."""
    return f"{value:+g}" if value else "0"


def _index(given: ReportInput) -> str:
    index = given.verdict.index if given.verdict else None
    points = [
        Point(number, row["value"], row["low"], row["high"], int(number) == given.chosen)
        for number, row in (index.epochs if index else {}).items()
    ]
    if not points:
        return ""
    return interval_plot(points, "Weighted index", lambda v: f"{v:+.1f}", 0.0, axis=signed)


def _scores(given: ReportInput) -> str:
    return _plot(given, "score", "Score by people", lambda value: f"{value:.1f}")


def _measure(given: ReportInput, measure: Measure) -> str:
    limit = None if measure.better == "none" else given.scores.thresholds.get(measure.name)
    bounds = BOUNDS.get(measure.unit, (0.0, math.inf))
    return _plot(given, measure.name, measure.title, _shorter(measure), limit, bounds)


def _shorter(measure: Measure) -> Callable[[float], str]:
    """Return how a plot writes a value: means of counts get one decimal where they are small."""
    places = measure.decimals

    def text(value: float) -> str:
        return f"{value:.1f}" if not places and abs(value) < 10 else f"{value:.{places}f}"

    return text


def _plot(
    given: ReportInput, name: str, title: str, text: Callable[[float], str],
    limit: float | None = None, bounds: Bounds = (0.0, 10.0),
) -> str:  # fmt: skip
    points = []
    for number, row in given.scores.epochs.items():
        if row[name] is not None:
            low, high = row["intervals"][name]
            picked = int(number) == given.chosen
            points.append(Point(_label(int(number)), row[name], low, high, picked))
    return interval_plot(points, title, text, limit, bounds=bounds) if len(points) > 1 else ""


def _rates(given: ReportInput) -> str:
    """Learning rates by their power of ten: between annealed and not lie four of them."""
    points = []
    for number, row in given.scores.epochs.items():
        rate = row["learning_rate"]
        if rate is not None and rate > 0:
            value = math.log10(rate)
            picked = int(number) == given.chosen
            points.append(Point(_label(int(number)), value, value, value, picked))
    if len(points) < 2:
        return ""

    def power(value: float) -> str:
        return f"{10**value:.0e}"

    return interval_plot(points, "Learning rate", power, axis=power)


def _losses(given: ReportInput) -> str:
    points = [
        Point(_label(int(number)), loss, loss, loss, int(number) == given.chosen)
        for number, row in given.scores.epochs.items()
        if (loss := row.get("held_out_loss")) is not None
    ]
    if len(points) < 2:
        return ""
    return interval_plot(points, "Held-out loss", lambda value: f"{value:.4f}")


def _label(epoch: int) -> str:
    return "off" if epoch == 0 else str(epoch)
