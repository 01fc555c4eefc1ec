"""Radar pane: which epochs are laid over each other, and how the plot is read."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from bespoke_gui.core.gallery import LORA_OFF
from bespoke_gui.core.judgement.radar import axes, spokes
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.measure_table import MeasureTable
from bespoke_gui.views.widgets.parts import column, muted
from bespoke_gui.views.widgets.radar_plot import MOST, STYLES, RadarPlot, Web, colour

ABOUT = (
    "Outside is better. The dashed ring is the limit of your training set; at the rim a measure is "
    "as good as it can be. Grey names have no limit: they run from the gallery's worst epoch to "
    "its best. Bands are 95% intervals: where they overlap it is a tie. No area is a rank."
)


class RadarPane(QWidget):
    """Up to four epochs; the best by the weighted index and those tied with it come first."""

    def __init__(self, table: MeasureTable) -> None:
        super().__init__()
        self._table = table
        self.plot = RadarPlot()
        self.boxes: dict[int, QCheckBox] = {}
        self._signs: dict[int, _LineSign] = {}
        self._choices = QHBoxLayout()
        self._choices.setSpacing(4)
        layout = column(muted(ABOUT), self._choices, self.plot, spacing=8)
        layout.setStretch(2, 1)
        self.setLayout(layout)
        table.modelReset.connect(self._offer)
        table.dataChanged.connect(lambda *_: self._show())
        self._offer()

    @property
    def shown(self) -> list[int]:
        """The epochs that are laid over each other."""
        return [epoch for epoch, box in self.boxes.items() if box.isChecked()]

    def _offer(self) -> None:
        """Put a box for every epoch, those ticked that most speaks for."""
        while (item := self._choices.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.boxes, self._signs = {}, {}
        first = self._table.leading(MOST - 1)
        for epoch in (one for one in self._table.epochs if one > LORA_OFF):
            box, sign = QCheckBox(wording.epoch(epoch).removeprefix("Epoch ")), _LineSign()
            box.setAccessibleName(wording.epoch(epoch))
            box.setChecked(epoch in first)
            box.toggled.connect(lambda _: self._show())
            self.boxes[epoch], self._signs[epoch] = box, sign
            self._choices.addWidget(box)
            self._choices.addWidget(sign)
            self._choices.addSpacing(10)
        self._choices.insertWidget(0, muted("Epochs", wrap=False))
        self._choices.addStretch(1)
        self._show()

    def _show(self) -> None:
        report, shown = self._table.report, self.shown
        for epoch, box in self.boxes.items():
            box.setEnabled(epoch in shown or len(shown) < MOST)
            self._signs[epoch].show_number(shown.index(epoch) if epoch in shown else None)
        if report is None:
            self.plot.show_webs((), ())
            return
        found = axes(self._table.measures, report.epochs, report.thresholds)
        webs = [
            Web(wording.epoch(epoch), number, spokes(found, report.epochs[str(epoch)]))
            for number, epoch in enumerate(shown)
        ]
        self.plot.show_webs(found, webs)


class _LineSign(QWidget):
    """A short piece of the line by which an epoch is drawn."""

    def __init__(self) -> None:
        super().__init__()
        self._number: int | None = None
        self.setFixedSize(30, 20)

    def show_number(self, number: int | None) -> None:
        self._number = number
        self.setVisible(number is not None)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._number is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour(self._number), 3, STYLES[self._number % MOST],
                            Qt.PenCapStyle.FlatCap))  # fmt: skip
        painter.drawLine(2, 10, 28, 10)
        painter.end()
