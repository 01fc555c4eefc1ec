"""Outliers section: images unlike the rest, each with its reason and where it lies in the set."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.health_model import HealthModel
from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.cell_outline import MarkedView
from bespoke_gui.views.widgets.dot_plot import DotPlot
from bespoke_gui.views.widgets.empty_note import EmptyNote
from bespoke_gui.views.widgets.health_line_cells import Line
from bespoke_gui.views.widgets.health_lines import HealthLines
from bespoke_gui.views.widgets.parts import button, card, column, heading, muted, row, splitter

if TYPE_CHECKING:
    from bespoke_gui.core.health.outliers import Outlier

_TITLES = {
    "flat": "A single colour",
    "no_grid": "No pixel grid",
    "off_grid": "Pixels off the grid",
    "damaged": "Resampled or compressed",
    "colours": "Number of colours",
    "palette": "Colours of its own",
    "brightness": "Brightness",
    "size": "Another size",
    "native_size": "Another native size",
    "format": "Another file format",
    "mode": "Another colour mode",
    "alpha": "Transparency",
}
_IN_THE_FILE = ("off_grid", "no_grid", "alpha", "damaged")
_NOTHING = "All images are alike in size, format, brightness, palette and number of colours."
_HOW = (
    "Numbers are compared by robust z: how many robust standard deviations (from the median "
    "absolute deviation) an image lies from the median; 3.5 and more is named here."
)


class HealthOutliersSection(QWidget):
    """A list of findings and the current image large, with a plot of the whole set."""

    def __init__(self, model: HealthModel, desk: PrepareDesk) -> None:
        super().__init__()
        self._model = model
        self._desk = desk
        self.lines = HealthLines(model, 1, "Images unlike the rest")
        self.lines.chosen.connect(self._on_chosen)
        self.picture = MarkedView()
        model.file_read.connect(self._on_file)
        self.plot = DotPlot()
        self._title, self._reason = heading("", 1.25), muted()
        self.decide = button("Decide…", "Keep, flatten or leave it out, on the page Resize")
        self.decide.clicked.connect(lambda: desk.show_page("resize"))
        self.open = button("Caption", "Open the caption of this image (Return)")
        self.open.clicked.connect(self._open)
        self.exclude = button("Exclude", "Keep it out of training (Del); undo with Ctrl+Z")
        self.exclude.clicked.connect(self._exclude)
        self._stack = QStackedWidget()
        self._lay_out()
        add_shortcut(self.lines, "Del", "Exclude the image", self._exclude)
        add_shortcut(self.lines, "Return", "Open the caption", self._open)

    def _lay_out(self) -> None:
        head = QWidget()
        head.setLayout(row(self._title, None, self.decide, self.open, self.exclude))
        inner = column(head, self._reason, self.picture, self.plot)
        inner.setStretchFactor(self.picture, 1)
        how = muted(_HOW)
        how.setContentsMargins(8, 4, 8, 8)
        left = card(column(self.lines, how), 4)
        left.setMinimumWidth(260)
        whole = splitter(Qt.Orientation.Horizontal, (left, card(inner)), (0, 1))
        whole.setSizes([400, 880])
        self._stack.addWidget(whole)
        self._stack.addWidget(EmptyNote("Nothing stands out", _NOTHING))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def refresh(self) -> None:
        """Show what was found."""
        health = self._model.health
        if health is None:
            return
        lines = [_line(outlier) for outlier in health.outliers]
        self._stack.setCurrentIndex(0 if lines else 1)
        self.lines.show_lines(lines)

    def _on_chosen(self, line: Line | None) -> None:
        if line is None:
            return
        outlier: Outlier = line.finding
        self.picture.set_image(self._model.image(outlier.image))
        self.picture.set_marks(1)
        if outlier.kind in _IN_THE_FILE:
            self._model.read_file(outlier.image)
        self._title.setText(PurePosixPath(outlier.image).stem)
        self._reason.setText(f"{outlier.reason[0].upper()}{outlier.reason[1:]}.")
        self.decide.setVisible(outlier.kind == "off_grid")
        spread = self._model.spread(outlier.kind)
        self.plot.setVisible(spread is not None)
        if spread is not None:
            self.plot.show_values(spread, outlier.image)
        if self.isVisible():
            self._desk.show(outlier.image)

    def _on_file(self, name: str, image: QImage) -> None:
        """Show the file itself where its native image would hide what is wrong."""
        line, facts = self.lines.current(), self._model.facts(name)
        if line is not None and facts is not None and line.finding.image == name:
            self.picture.set_image(image)
            marks = facts.off_where if line.finding.kind == "off_grid" else ()
            self.picture.set_marks(facts.columns, marks)

    def _open(self) -> None:
        line = self.lines.current()
        if line is not None:
            self._desk.session.show_caption(line.finding.image)

    def _exclude(self) -> None:
        line = self.lines.current()
        if line is not None:
            self._model.exclude(line.finding.image)


def _line(outlier: Outlier) -> Line:
    name = PurePosixPath(outlier.image).stem
    return Line((outlier.image,), name, f"{_TITLES[outlier.kind]}: {outlier.value}", outlier)
