"""Alike section: images that are there twice or nearly so, side by side, with a decision."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QStackedWidget, QVBoxLayout, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.health_model import HealthModel
from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.empty_note import EmptyNote
from bespoke_gui.views.widgets.health_line_cells import Line
from bespoke_gui.views.widgets.health_lines import HealthLines
from bespoke_gui.views.widgets.parts import (
    button,
    card,
    column,
    elided,
    heading,
    muted,
    row,
    splitter,
)
from bespoke_gui.views.widgets.twin_view import TwinView

if TYPE_CHECKING:
    from bespoke_gui.core.health.duplicates import Duplicates
    from bespoke_gui.core.health.near import NearPair

_HOW = {
    "file": "The same file twice",
    "pixels": "The same pixels in another file",
    "native": "The same native pixels at another size",
}
_ADVICE = (
    "An epoch shows both, so the model sees this image twice as often. Exclude one, or keep "
    "both where the difference is one you want to teach."
)


class HealthAlikeSection(QWidget):
    """A list of pairs and the current one large. Excluding is one step of undo."""

    def __init__(self, model: HealthModel, desk: PrepareDesk) -> None:
        super().__init__()
        self._model = model
        self._desk = desk
        self.lines = HealthLines(model, 2, "Images that are alike")
        self.lines.chosen.connect(self._on_chosen)
        self.twins = TwinView()
        self.marks = QCheckBox("Mark what differs")
        self.marks.setChecked(True)
        self.marks.setToolTip("Outline the native pixels that differ (M)")
        self.marks.toggled.connect(self.twins.set_marked)
        self._title, self._detail = heading("", 1.25), muted()
        self._names = (elided(bold=True), elided(bold=True))
        self.exclude = [
            button("Exclude", f"Keep it out of training ({key}); undo with Ctrl+Z")
            for key in ("1", "2")
        ]
        for place, choice in enumerate(self.exclude):
            choice.clicked.connect(lambda _=False, place=place: self._exclude(place))
        self.keep = button("Keep both", "Both are wanted: ask no more (K)")
        self.keep.clicked.connect(self._keep)
        self._stack = QStackedWidget()
        self._lay_out()
        self._add_keys()

    def _lay_out(self) -> None:
        head = QWidget()
        head.setLayout(row(self._title, None, self.marks, self.keep, spacing=12))
        sides = row(*(self._side(place) for place in (0, 1)), spacing=24)
        hint = muted("Hold Space to blink between the two", wrap=False)
        inner = column(head, self._detail, self.twins)
        inner.setStretchFactor(self.twins, 1)
        inner.addLayout(sides)
        inner.addWidget(hint)
        left = card(column(self.lines), 4)
        left.setMinimumWidth(260)
        whole = splitter(Qt.Orientation.Horizontal, (left, card(inner)), (0, 1))
        whole.setSizes([360, 920])
        self._stack.addWidget(whole)
        self._stack.addWidget(EmptyNote("No two images are alike", _NOTHING))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    def _side(self, place: int) -> QWidget:
        side = QWidget()
        line = row(self._names[place], self.exclude[place])
        line.setStretch(0, 1)
        side.setLayout(line)
        return side

    def _add_keys(self) -> None:
        add_shortcut(self, "1", "Exclude the left image", lambda: self._exclude(0))
        add_shortcut(self, "2", "Exclude the right image", lambda: self._exclude(1))
        add_shortcut(self, "K", "Keep both images", self._keep)
        add_shortcut(self, "M", "Mark the pixels that differ", self.marks.toggle)

    def refresh(self) -> None:
        """Show what was found: exact duplicates, then pairs, those that are kept last."""
        health = self._model.health
        if health is None:
            return
        lines = [
            _twice(group, place)
            for group in health.duplicates
            for place in range(1, len(group.images))
        ]
        pairs = sorted(health.near.pairs, key=lambda pair: pair.kept)
        lines += [_pair(pair) for pair in pairs]
        self._stack.setCurrentIndex(0 if lines else 1)
        self.lines.show_lines(lines)

    def _on_chosen(self, line: Line | None) -> None:
        if line is None:
            return
        first, second = line.images
        finding = line.finding
        near = finding if hasattr(finding, "cells") else None
        for label, name in zip(self._names, (first, second), strict=True):
            label.setText(PurePosixPath(name).stem)
            label.setToolTip(name)
        cells = near.marks() if near is not None else ()
        mirrored = near is not None and near.mirrored
        self.twins.show_twins(self._model.image(first), self._model.image(second), cells, mirrored)
        self._title.setText(line.title)
        self._detail.setText(_ADVICE)
        self.keep.setVisible(near is not None)
        self.marks.setVisible(near is not None and bool(cells))
        if near is not None:
            self.keep.setText("Ask again" if near.kept else "Keep both")
        if self.isVisible():
            self._desk.show(first)

    def _exclude(self, place: int) -> None:
        line = self.lines.current()
        if line is not None:
            self._model.exclude(line.images[place])

    def _keep(self) -> None:
        line = self.lines.current()
        if line is not None and self.keep.isVisible():
            self._model.keep(line.finding, not line.finding.kept)


_NOTHING = "Every image differs from all others in more than 15% of its native pixels."


def _twice(group: Duplicates, place: int) -> Line:
    images = (group.images[0], group.images[place])
    return Line(images, _HOW[group.how], _both(images), group)


def _pair(pair: NearPair) -> Line:
    images = (pair.a, pair.b)
    title = "Mirror images" if not pair.cells else _differ(pair)
    kept = "kept: " if pair.kept else ""
    return Line(images, title, kept + _both(images), pair, pair.kept)


def _differ(pair: NearPair) -> str:
    verb = "differs" if pair.cells == 1 else "differ"
    mirrored = ", mirrored" if pair.mirrored else ""
    return f"{wording.count(pair.cells, 'pixel')} of {pair.total} {verb}{mirrored}"


def _both(images: tuple[str, str]) -> str:
    return " · ".join(PurePosixPath(name).stem for name in images)
