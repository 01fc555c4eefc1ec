"""Verdict lines: each criterion with its level, figure, basis and number of images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.views.widgets.parts import badge, elided, muted, plain_label

if TYPE_CHECKING:
    from bespoke_gui.core.judgement.lines import Line

KINDS = {
    "best": "badge-good", "target": "badge-good", "minimum": "badge-warning",
    "not reached": "badge-danger", "": "badge",
}  # fmt: skip
NAMES = {"best": "best case", "": "open"}


class VerdictLines(QWidget):
    """A table that is read, not edited."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these criteria."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for number, line in enumerate(lines):
            self._add(number * 3, line)

    def _add(self, place: int, line: Line) -> None:
        level = badge(NAMES.get(line.level, line.level), KINDS[line.level])
        level.setMinimumWidth(86)
        level.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._grid.addWidget(level, place, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(elided(line.title, bold=True), place, 1)
        words = plain_label(line.text[:1].upper() + line.text[1:])
        self._grid.addWidget(words, place + 1, 1)
        under = muted(_basis(line))
        under.setContentsMargins(0, 0, 0, 8)
        self._grid.addWidget(under, place + 2, 1)


def _basis(line: Line) -> str:
    """What the figure rests on, and what was asked."""
    asked = ", ".join(f"{name} {_asked(line, value)}" for name, value in line.levels.items())
    count = wording.count(line.count, "image")
    return "  ·  ".join(part for part in (line.basis, count, f"asked: {asked}") if part)


def _asked(line: Line, value: float) -> str:
    if line.kind == "better":
        return f"{value:.0f}"
    sign = "≤" if line.better == "lower" else "≥"
    return f"{sign} {value:.0%}"
