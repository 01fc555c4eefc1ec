"""Plots as inline SVG: one figure of every epoch with its interval.

Readable without a style sheet, in the colour of the text; report.css colours them.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 352, 168
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 26
INK = 'stroke="currentColor" stroke-width="2"'
STEPS = (1, 2, 5, 10)
Bounds = tuple[float, float]


@dataclass(frozen=True)
class Point:
    """One epoch in a plot; low = high = value where there is no interval."""

    label: str
    value: float
    low: float
    high: float
    picked: bool = False


def interval_plot(
    points: Sequence[Point],
    title: str,
    text: Callable[[float], str],
    limit: float | None = None,
    *,
    bounds: Bounds = (-math.inf, math.inf),
    axis: Callable[[float], str] | None = None,
) -> str:
    """Return an <svg> with a dot and a whisker an epoch; `text` writes a value, `limit` is a line.

    bounds: the lowest and highest value there can be; axis: how its ticks are written, by their
    distance where it is not given. Raises ValueError without points.
    """
    if not points:
        raise ValueError("a plot needs at least one point")
    ticks = nice_ticks(*_span(points, limit, bounds))
    scale = _Scale(ticks[0], ticks[-1])
    parts = [_tick(tick, scale, axis or _by_distance(ticks)) for tick in ticks]
    if limit is not None:
        parts.append(_limit(limit, ticks, scale, text))
    every = math.ceil(len(points) / 16)
    for number, point in enumerate(points):
        parts.append(_point(point, _x(number, len(points)), scale, text, number % every == 0))
    name = html.escape(title, quote=True)
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{name}">{"".join(parts)}</svg>'
    )


def nice_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return round numbers from at most `low` to at least `high`, evenly apart, at least two."""
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    rough = (high - low) / (most - 1)
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in STEPS if factor * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def _by_distance(ticks: Sequence[float]) -> Callable[[float], str]:
    """Return how ticks are written: with the decimals that tell them apart."""
    places = max(0, -math.floor(math.log10(ticks[1] - ticks[0]) + 1e-9))
    return lambda value: f"{value:.{places}f}"


def _span(points: Sequence[Point], limit: float | None, bounds: Bounds) -> tuple[float, float]:
    """Return lowest and highest of all; a limit counts only where it does not squeeze the rest.

    Where all are equal there is some room around them, but none beyond what there can be.
    """
    low, high = min(p.low for p in points), max(p.high for p in points)
    room = max(high - low, abs(high) * 0.2, 0.01)
    if limit is not None and low - room <= limit <= high + room:
        low, high = min(low, limit), max(high, limit)
    if high - low < 1e-9:
        low, high = max(bounds[0], low - room), min(bounds[1], high + room)
    return low, high


def _limit(
    limit: float, ticks: Sequence[float], scale: _Scale, text: Callable[[float], str]
) -> str:
    """Draw a line at the limit, or say where it lies when that is far away."""
    if ticks[0] <= limit <= ticks[-1]:
        return _across("limit", scale.y(limit), 'stroke-dasharray="4 3"')
    above = limit > ticks[-1]
    words = f"limit {text(limit)} {'↑' if above else '↓'}"
    return _text("far", WIDTH - RIGHT, TOP + 12 if above else HEIGHT - BOTTOM - 5, "end", words)


class _Scale:
    """Values to heights."""

    def __init__(self, low: float, high: float) -> None:
        self._low, self._range = low, high - low

    def y(self, value: float) -> float:
        share = min(1.0, max(0.0, (value - self._low) / self._range))
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def _x(number: int, count: int) -> float:
    return round(LEFT + (number + 0.5) * (WIDTH - LEFT - RIGHT) / count, 1)


def _tick(value: float, scale: _Scale, text: Callable[[float], str]) -> str:
    y = scale.y(value)
    line = _across("tick", y, 'stroke-opacity="0.2"')
    return line + _text("side", LEFT - 6, y + 4, "end", text(value))


def _across(kind: str, y: float, style: str) -> str:
    ends = f'x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"'
    return f'<line class="{kind}" {ends} stroke="currentColor" {style}/>'


def _text(kind: str, x: float, y: float, anchor: str, words: str) -> str:
    place = f'x="{x}" y="{y}" text-anchor="{anchor}" font-size="11"'
    return f'<text class="{kind}" {place} fill="currentColor">{html.escape(words)}</text>'


def _point(point: Point, x: float, scale: _Scale, text: Callable[[float], str], named: bool) -> str:
    words = f"{point.label}: {text(point.value)}"
    if point.high > point.low:
        words += f" ({text(point.low)} to {text(point.high)})"
    kind = "point picked" if point.picked else "point"
    low, high = scale.y(point.low), scale.y(point.high)
    whisker = f'<line x1="{x}" x2="{x}" y1="{low}" y2="{high}" {INK}/>' if low != high else ""
    dot = f'<circle cx="{x}" cy="{scale.y(point.value)}" r="4" fill="currentColor"/>'
    below = _text("below", x, HEIGHT - 8, "middle", point.label) if named else ""
    return f'<g class="{kind}"><title>{html.escape(words)}</title>{whisker}{dot}</g>{below}'
