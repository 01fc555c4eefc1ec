"""Cloud task dialog: a package for SkyPilot, dstack or accelerate, seen before it is written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDoubleSpinBox,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.cloud_tasks.base import CLOUD_TASKS
from bespoke_gui.qtmodels.cloud_task_model import Asked, CloudTaskModel, Written
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import button, column, field, heading, muted, row

FIRST = "skypilot"
OVER_MACHINES = "accelerate"
CARDS = "A100, RTX 4090"


class CloudTaskDialog(QDialog):
    """Nothing is written before a folder is chosen."""

    def __init__(self, session: Session, package: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.model = CloudTaskModel(session, package, self)
        self.setWindowTitle("Export task")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(860, 620)
        self._build()
        self.model.made.connect(self._show)
        self.model.saved.connect(self._on_saved)
        self._ask()

    def save(self) -> None:
        """Ask for a folder and write the files there."""
        folder = self._session.ask.folder("Folder for the task", str(self.model.package.parent))
        if folder is not None:
            self.model.save(folder)

    def _ask(self) -> None:
        tool = str(self.tools.currentData())
        several = tool == OVER_MACHINES
        for part in (self.nodes, self.host):
            part.setEnabled(several)
        for part in (self.gpus, self.hours, self.bucket):
            part.setEnabled(not several)
        self.model.ask(Asked(
            tool, self.gpus.text(), self.count.value(), self.hours.value(), self.bucket.text(),
            self.nodes.value() if several else 1, self.host.text() if several else "",
        ))  # fmt: skip

    def _show(self, written: Written) -> None:
        self.text.setPlainText("\n".join(
            text if len(written.files) == 1 else f"# ---- {name}\n{text}"
            for name, text in written.files.items()
        ))  # fmt: skip
        self.words.setText(written.problem or written.note)
        theme.set_kind(self.words, "danger" if written.problem else "muted")
        self.go_on.setEnabled(bool(written.files))

    def _on_saved(self, folder: Path) -> None:
        names = ", ".join(self.model.written.files)
        self._session.notify("good", f"Exported: {names}", str(folder))
        self.accept()

    def _build(self) -> None:
        self.tools = ChoiceBox()
        for task in CLOUD_TASKS.values():
            self.tools.addItem(task.title, task.name)
        self.tools.setCurrentIndex(self.tools.findData(FIRST))
        self.tools.currentIndexChanged.connect(lambda _: self._ask())
        self.gpus, self.bucket, self.host = QLineEdit(CARDS), QLineEdit(), QLineEdit()
        self.bucket.setPlaceholderText("none: the machine's own disk")
        self.host.setPlaceholderText("10.0.0.1")
        for edit in (self.gpus, self.bucket, self.host):
            edit.textChanged.connect(lambda _: self._ask())
        self.count, self.nodes = QSpinBox(), QSpinBox()
        self.nodes.setMinimum(2)
        for spin in (self.count, self.nodes):
            spin.setRange(spin.minimum() or 1, 64)
            spin.valueChanged.connect(lambda _: self._ask())
        self.hours = QDoubleSpinBox()
        self.hours.setRange(0, 1000)
        self.hours.setDecimals(1)
        self.hours.setSpecialValueText("no limit")
        self.hours.setSuffix(" h")
        self.hours.valueChanged.connect(lambda _: self._ask())
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setFont(theme.fixed_font())
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName("The exported files")
        self.words = muted()
        self.cancel = button("Cancel", "Write nothing (Esc)")
        self.cancel.clicked.connect(self.reject)
        self.go_on = button("Choose a folder…", "Say where it is written", "primary")
        self.go_on.clicked.connect(self.save)
        self._lay_out()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        fields = (
            field("For", self.tools), field("Cards, best first", self.gpus),
            field("Cards that train together", self.count), field("Ends after", self.hours),
            field("Bucket or volume for checkpoints", self.bucket), field("Machines", self.nodes),
            field("Address of the first machine", self.host),
        )  # fmt: skip
        for place, one in enumerate(fields):
            grid.addLayout(one, place // 4, place % 4, Qt.AlignmentFlag.AlignTop)
        for place in range(4):
            grid.setColumnStretch(place, 1)
        name = muted(f"{self.model.package.name}, trained by tools that rent machines themselves.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(column(heading("Export task"), name, spacing=4))
        layout.addLayout(grid)
        layout.addWidget(self.text, 1)
        foot = row(self.words, self.cancel, self.go_on, spacing=12)
        foot.setStretch(0, 1)
        layout.addLayout(foot)
