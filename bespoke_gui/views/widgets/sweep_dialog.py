"""Sweep dialog: options and their values; every run that comes of them, with time and cost."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.config.options import option_table
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.config.values import written
from bespoke_gui.core.queue.entry import Entry
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.preflight_model import PreflightModel
from bespoke_gui.qtmodels.queue_desk import QueueDesk
from bespoke_gui.qtmodels.sweep_model import Planned, SweepModel, SweepRows, rows_of
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import button, column, heading, muted, row, tool
from bespoke_gui.views.widgets.tables import table_view

MOST_AXES = 4
WIDTHS = (290, 0, 70, 90, 70, 140)
FIRST = ("unet_lr", "learning_rate", "network_dim", "seed")


@dataclass
class AxisRow:
    """The widgets of one option."""

    key: QComboBox
    values: QLineEdit
    away: QToolButton
    line: QWidget


class SweepDialog(QDialog):
    """Nothing is written before "Add to queue"."""

    def __init__(
        self, desk: QueueDesk, like: Entry, preflight: PreflightModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._desk, self._like = desk, like
        self._config = TrainingConfig(like.text)
        self.model = SweepModel(like, preflight, self)
        self.axes: list[AxisRow] = []
        self.setWindowTitle("Sweep")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(960, 600)
        self._build()
        self.model.planned.connect(self._show)
        self.add_axis(next((key for key in FIRST if key in self._config.values), "unet_lr"))
        self._show(self.model.plan)

    def add_axis(self, key: str = "") -> AxisRow:
        """Add a line for one more option."""
        keys = self._keys()
        box = ChoiceBox()
        box.addItems(keys)
        box.setAccessibleName("Option")
        box.setMinimumWidth(240)
        box.setCurrentText(key or next(one for one in keys if one not in self._chosen()))
        values = QLineEdit()
        values.setAccessibleName("Values")
        values.setClearButtonEnabled(True)
        away = tool("close", "Leave this option as it is")
        axis = AxisRow(box, values, away, QWidget())
        inner: QHBoxLayout = row(box, values, away)
        inner.setStretch(1, 1)
        axis.line.setLayout(inner)
        box.currentTextChanged.connect(lambda _: self._on_key(axis))
        values.textChanged.connect(lambda _: self._ask())
        away.clicked.connect(lambda: self._drop(axis))
        self.axes.append(axis)
        self._lines.addWidget(axis.line)
        self._on_key(axis)
        values.setFocus()
        return axis

    def accept(self) -> None:
        """Write the configs and put them in line."""
        self._desk.add_sweep(self.model.plan.runs, self._like, self._like.title)
        super().accept()

    def _keys(self) -> list[str]:
        """Options that the config sets first, then every other one."""
        known = option_table().options
        first = [key for key in self._config.values if key in known]
        return [*first, *sorted(key for key in known if key not in first)]

    def _chosen(self) -> list[str]:
        return [axis.key.currentText() for axis in self.axes]

    def _on_key(self, axis: AxisRow) -> None:
        now = self._config.get(axis.key.currentText())
        said = "not set" if now is None else f"now {written(now)}".replace("\n", ", ")
        axis.values.setPlaceholderText(f"Values between commas; {said}")
        self._ask()

    def _drop(self, axis: AxisRow) -> None:
        self.axes.remove(axis)
        self._lines.removeWidget(axis.line)
        axis.line.hide()
        axis.line.deleteLater()
        self._ask()

    def _ask(self) -> None:
        self.more.setEnabled(len(self.axes) < MOST_AXES)
        for axis in self.axes:
            axis.away.setEnabled(len(self.axes) > 1)
        texts = [f"{axis.key.currentText()}={axis.values.text()}" for axis in self.axes]
        self.model.ask(texts, self.paired.isChecked())

    def _show(self, plan: Planned) -> None:
        self.rows.show(rows_of(plan))
        words = plan.told.words if plan.told and plan.runs else "Write two or more values"
        self.words.setText(words)
        self.words.setToolTip(plan.told.basis if plan.told else "")
        first = self.model.first_error() if plan.runs else ""
        said = plan.problem or (f"Every run would meet this: {first}" if first else "")
        self.problem.setText(said)
        self.problem.setVisible(bool(said))
        fine = bool(plan.runs) and not plan.problem
        self.go_on.setEnabled(fine)
        count = len(plan.runs) if fine else 0
        self.go_on.setText(f"Add {wording.count(count, 'run')} to queue" if count else "Add")

    def _build(self) -> None:
        self._lines = QVBoxLayout()
        self._lines.setSpacing(6)
        self.more = button("Another option", "Vary one more option", "ghost", "add")
        self.more.clicked.connect(lambda: self.add_axis())
        self.every = QRadioButton("Every combination")
        self.every.setChecked(True)
        self.paired = QRadioButton("First with first, second with second")
        self.paired.toggled.connect(lambda _: self._ask())
        self.rows = SweepRows(self)
        self.table = table_view(self.rows, "The runs of the sweep", WIDTHS)
        self.table.setWordWrap(False)
        self.words, self.problem = muted(), muted()
        theme.set_kind(self.problem, "danger")
        cancel = button("Cancel", "Write nothing (Esc)")
        cancel.clicked.connect(self.reject)
        self.go_on = button("Add", "Write the configs and put them in line", "primary")
        self.go_on.setDefault(True)
        self.go_on.clicked.connect(self.accept)
        intro = muted(
            f"Each run is {self._like.title} with other values, as a config of its own. "
            'Values with commas stand in quotes: "512,512".'
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(column(heading("Sweep"), intro, spacing=4))
        layout.addLayout(self._lines)
        layout.addLayout(row(self.more, None, self.every, self.paired, spacing=16))
        layout.addWidget(self.table, 1)
        layout.addWidget(self.problem)
        foot = row(self.words, cancel, self.go_on, spacing=12)
        foot.setStretch(0, 1)
        layout.addLayout(foot)
