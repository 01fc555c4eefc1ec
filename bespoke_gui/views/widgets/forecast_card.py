"""Forecast card: a training before it starts: steps, rates, checkpoints, time and cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.train_work import Preflight, machines
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.clamped_label import ClampedLabel
from bespoke_gui.views.widgets.findings import Sign
from bespoke_gui.views.widgets.parts import (
    button,
    card,
    column,
    field,
    figure,
    heading,
    muted,
    row,
    shortened,
)
from bespoke_gui.views.widgets.rate_plot import RatePlot

if TYPE_CHECKING:
    from bespoke_gui.core.config.estimate import Estimate
    from bespoke_gui.core.config.forecast import Forecast, Mark

BASIS_LINES = 3
LEGEND = "Filled dots: epochs that end annealed. Rings: saved while the rate is up."
NO_TIME = "Nothing is known yet about how long this machine takes. A first run will tell."


class ForecastCard(QWidget):
    """Shows the forecast of a Preflight. `machine_chosen` names a card, "" for this computer."""

    machine_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_open = False
        self.words = muted()
        self.words.setFont(theme.font(1.0, tabular=True))
        self.rate = RatePlot()
        self.legend = muted(LEGEND)
        self.uneven = muted()
        self.warning = QWidget()
        warning = row(Sign("warning"), self.uneven)
        warning.setStretch(1, 1)
        self.warning.setLayout(warning)
        self.time = figure("", 1.1)
        self.time.setWordWrap(True)
        self.basis = ClampedLabel(BASIS_LINES)
        theme.set_kind(self.basis, "muted")
        self.disk = muted()
        self.machines = ChoiceBox()
        self.machines.setAccessibleName("Machine that time and cost are told for")
        self.machines.setSizeAdjustPolicy(
            ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.machines.setMinimumContentsLength(8)
        for name, words in machines():
            self.machines.addItem(words, name)
        self.machines.activated.connect(
            lambda index: self.machine_chosen.emit(self.machines.itemData(index))
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(self._body(), 14))

    def show_forecast(self, result: Preflight) -> None:
        """Show what is known; without a forecast the card steps aside."""
        self.setVisible(result.forecast is not None)
        if self.machines.findData(result.gpu) < 0:
            self.machines.addItem(result.gpu.removeprefix("NVIDIA "), result.gpu)
        self.machines.setCurrentIndex(self.machines.findData(result.gpu))
        if result.forecast is not None:
            self._show_course(result.forecast)
            self._show_time(result)

    def _show_course(self, forecast: Forecast) -> None:
        plan = forecast.plan
        parts = (
            wording.count(plan.images, "image") + " an epoch",
            wording.count(plan.steps_per_epoch, "step") + " an epoch",
            wording.count(plan.epochs, "epoch"),
            wording.count(plan.total_steps, "step"),
        )
        self.words.setText(" · ".join(parts))
        self.rate.show_plan(plan.lr_curve(), forecast.marks, plan.total_steps)
        self.rate.setVisible(plan.predicted)
        self.legend.setVisible(plan.predicted and any(mark.annealed for mark in forecast.marks))
        self.warning.setVisible(bool(forecast.uneven))
        self.uneven.setText(_sentence(forecast.uneven))
        self._show_checkpoints(forecast)
        self.disk.setText(f"{wording.size(forecast.disk.total)} of disk for all that is kept.")

    def _show_checkpoints(self, forecast: Forecast) -> None:
        saved = [mark for mark in forecast.marks if mark.checkpoint]
        between = len(forecast.plan.step_checkpoints)
        words = wording.count(len(saved) + between, "checkpoint")
        self.more.setText(f"Hide {words}" if self._is_open else f"Show {words}")
        while (item := self._names.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for line, mark in enumerate(saved):
            self._names.addWidget(muted(f"epoch {mark.epoch}", wrap=False), line, 0)
            name = shortened(mark.checkpoint.rpartition(".")[0])
            name.setToolTip(mark.checkpoint)
            self._names.addWidget(name, line, 1)
            self._names.addWidget(_rate(mark), line, 2, Qt.AlignmentFlag.AlignRight)
        if between:
            text = f"and {wording.count(between, 'file')} between epochs"
            self._names.addWidget(muted(text, wrap=False), len(saved), 1)

    def _show_time(self, result: Preflight) -> None:
        forecast = result.forecast
        time = forecast.time if forecast else None
        if forecast is None or time is None:
            self.time.setText("")
            self.time.hide()
            self.basis.setText(NO_TIME)
            return
        cost = _dollars(forecast.usd) if forecast.usd else ""
        self.time.setText(" · ".join(part for part in (_span(time), cost) if part))
        self.time.show()
        price = f" {_sentence(result.price.basis)}" if result.price else ""
        self.basis.setText(f"{_sentence(time.basis)}{_start_up(time)}{price}")

    def _body(self) -> QVBoxLayout:
        self.more = button("", "Their names, and the learning rate each is saved at", "link-line")
        self.more.clicked.connect(self._toggle)
        self._names = QGridLayout()
        self._names.setContentsMargins(0, 0, 0, 4)
        self._names.setHorizontalSpacing(12)
        self._names.setVerticalSpacing(2)
        self._names.setColumnStretch(1, 1)
        self._list = QFrame()
        self._list.setLayout(self._names)
        self._list.hide()
        machine = field("Time and cost on", self.machines)
        return column(
            heading("Course of the training"), self.words, self.rate, self.legend, self.warning,
            self.more, self._list, machine, self.time, self.basis, self.disk,
        )  # fmt: skip

    def _toggle(self) -> None:
        self._is_open = not self._is_open
        self._list.setVisible(self._is_open)
        word, rest = self.more.text().split(" ", 1)
        self.more.setText(f"{'Hide' if word == 'Show' else 'Show'} {rest}")


def _rate(mark: Mark):
    label = muted(wording.rate(mark.learning_rate), wrap=False)
    label.setFont(theme.font(1.0, bold=mark.annealed, tabular=True))
    label.setToolTip("annealed: the rate is near zero here" if mark.annealed else "learning rate")
    return label


def _span(time: Estimate) -> str:
    low, high = wording.duration(time.low), wording.duration(time.high)
    unit = high.rpartition(" ")[2]
    return low if low == high else f"{low.removesuffix(f' {unit}')} to {high}"


def _dollars(usd: tuple[float, float, float]) -> str:
    low, _, high = (f"${value:.2f}" for value in usd)
    return low if low == high else f"{low} to {high}"


def _start_up(time: Estimate) -> str:
    low, high = time.start_up
    if not high:
        return ""
    return f" {wording.duration(low)} to {wording.duration(high)} more until a rented one is ready."


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""
