"""Curves page: loss and learning rate of several runs over each other, by epoch or by step."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QSlider, QStackedWidget, QVBoxLayout, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.curves_desk import CurveRows, CurvesDesk
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views.tokens import series
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.curves_plot import CurvesPlot, Series
from bespoke_gui.views.widgets.empty_note import no_runs
from bespoke_gui.views.widgets.parts import card, column, heading, muted, plain_label, row, splitter
from bespoke_gui.views.widgets.tables import table_view

COLOURS = 8
STEPS = 100
HIGHEST = 0.99
WIDTHS = (0, 66, 72, 72)
NONE_YET = "Loss and learning rate of several runs will lie over each other here."
ALIKE = (
    "Diamonds: the loss on images that were held out. A low training loss alone is no reason to "
    "choose a run."
)


class CurvesPage(QWidget):
    """The list is legend and readout in one: its figures are those under the cursor."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.desk = CurvesDesk(session, self)
        self._cursor: float | None = None
        self._build(session)
        self.desk.changed.connect(self._show)
        self.rows.toggled.connect(self.desk.toggle)
        self._show()
        # Whether there is none is known when the runs have been read.
        self.stack.setCurrentIndex(1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.desk.show(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.desk.show(False)

    def _show(self) -> None:
        self.rows.show(self.desk.rows(self._cursor))
        lines = [
            Series(self.desk.title(run), self.desk.lines[run], series(place), place >= COLOURS)
            for place, run in enumerate(self.desk.chosen)
            if run is not None and run in self.desk.lines
        ]
        by_epoch, raw = self.desk.by_epoch, self.raw.isChecked()
        for plot in (self.losses, self.rates):
            plot.show_series(lines, by_epoch, raw)
            plot.show_cursor(self._cursor)
        unlike = self.desk.unlike()
        what = f"Not like for like: the runs differ in {', '.join(unlike)}"
        self.note.setText(f"{what}, and so in what a loss means." if unlike else ALIKE)
        self.words.setText(wording.count(len(self.rows.rows), "run"))
        self.stack.setCurrentIndex(int(bool(self.rows.rows)))

    def _put_cursor(self, x: float | None) -> None:
        self._cursor = x
        self.losses.show_cursor(x)
        self.rates.show_cursor(x)
        self.rows.show(self.desk.rows(x))

    def _draw(self) -> None:
        weight = HIGHEST * self.smoothing.value() / STEPS
        self.weight.setText(f"{weight:.2f}")
        self._cursor = None
        self.desk.draw(self.across.currentIndex() == 0, weight)

    # -- building ---------------------------------------------------------------------------

    def _build(self, session: Session) -> None:
        self.rows = CurveRows(series, self)
        self.table = table_view(self.rows, "Runs whose curves can be laid over each other", WIDTHS)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.words, self.note = muted(wrap=False), muted()
        left = QWidget()
        left.setLayout(column(row(heading("Runs", 1.15), None, self.words), self.table, self.note))
        left.setMinimumWidth(330)
        self.losses = CurvesPlot("Loss", wording.figure)
        self.rates = CurvesPlot("Learning rate", wording.rate, rates=True)
        for plot in (self.losses, self.rates):
            plot.cursor_moved.connect(self._put_cursor)
        right = QWidget()
        plots = splitter(
            Qt.Orientation.Vertical,
            (card(column(self.losses), 8), card(column(self.rates), 8)), (3, 1),
        )  # fmt: skip
        plots.setSizes([420, 180])
        right.setLayout(column(self._bar(), plots))
        both = splitter(Qt.Orientation.Horizontal, (left, right), (0, 1))
        both.setSizes([400, 900])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 12)
        self.stack = QStackedWidget()
        self.stack.addWidget(no_runs(session, NONE_YET))
        self.stack.addWidget(both)
        layout.addWidget(self.stack)
        self.setFocusProxy(self.table)

    def _bar(self) -> QWidget:
        self.across = ChoiceBox()
        self.across.addItems(["By epoch", "By step"])
        self.across.setMinimumContentsLength(10)
        self.across.setAccessibleName("What the curves are drawn over")
        self.across.setToolTip("Epochs compare runs of other lengths and batch sizes")
        self.across.currentIndexChanged.connect(lambda _: self._draw())
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, STEPS)
        self.smoothing.setAccessibleName("Smoothing of the losses")
        self.smoothing.setToolTip("How much of the losses before counts at every step")
        self.smoothing.setValue(round(self.desk.smoothing / HIGHEST * STEPS))
        self.smoothing.setFixedWidth(150)
        self.smoothing.valueChanged.connect(lambda _: self._draw())
        self.weight = muted(f"{self.desk.smoothing:.2f}", wrap=False)
        self.raw = QCheckBox("Raw losses behind")
        self.raw.toggled.connect(lambda _: self._show())
        bar = QWidget()
        bar.setLayout(
            row(
                self.across,
                plain_label("Smoothing", wrap=False),
                self.smoothing,
                self.weight,
                None,
                self.raw,
            )
        )
        return bar
