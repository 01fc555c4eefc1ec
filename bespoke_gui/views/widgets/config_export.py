"""Config export: a config for another trainer, and what of it does not go along, before a write."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QPlainTextEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.config.train_data import TrainData
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.config.values import written
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.trainers.base import EXPORTERS, Exported, export_config, write_export
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import button, column, field, heading, muted, row, splitter


class ConfigExportDialog(QDialog):
    """Shows the file for the chosen trainer; nothing is written before a place is chosen."""

    def __init__(
        self,
        session: Session,
        config: TrainingConfig,
        data: TrainData | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._config, self._data = session, config, data
        self.exported: Exported | None = None
        self.setWindowTitle("Export config")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(980, 600)
        self._build()
        self._show()

    def save(self) -> None:
        """Ask for a place and write the file there."""
        exported, exporter = self.exported, EXPORTERS[str(self.trainers.currentData())]
        if exported is None:
            return
        start = f"{self._stem()}_{exporter.name}{exporter.suffix}"
        pattern = f"{exporter.title} (*{exporter.suffix})"
        path = self._session.ask.save_file("Export config", pattern, start)
        if path is None:
            return
        path = path if path.suffix else path.with_suffix(exporter.suffix)

        def done(written_to: Path) -> None:
            self._session.notify("good", f"Exported for {exporter.title}: {written_to.name}")
            self.accept()

        run_task(lambda: write_export(exported, path), done, self._session.show_error, parent=self)

    def _stem(self) -> str:
        return self._config.path.stem if self._config.path else "config"

    def _show(self) -> None:
        name = str(self.trainers.currentData())
        self.left.clear()
        try:
            self.exported = export_config(self._config, name, self._data)
        except AppError as error:
            self.exported = None
            self.text.clear()
            self.words.setText(f"{error.message}. {error.hint}".strip())
            self.go_on.setEnabled(False)
            return
        self.text.setPlainText(self.exported.text)
        for one in self.exported.unmapped:
            value = written(one.value).replace("\n", ", ")
            item = QTreeWidgetItem(self.left, [one.key, value, one.why])
            item.setToolTip(2, one.why)
        count, left = len(self.exported.mapped), len(self.exported.unmapped)
        along = wording.count(count, "option goes", "options go")
        self.words.setText(f"{along} along, {left} {'does' if left == 1 else 'do'} not.")
        self.go_on.setEnabled(True)

    def _build(self) -> None:
        self.trainers = ChoiceBox()
        for exporter in EXPORTERS.values():
            self.trainers.addItem(exporter.title, exporter.name)
        self.trainers.currentIndexChanged.connect(self._show)
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setFont(theme.fixed_font())
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName("The exported file")
        self.left = QTreeWidget()
        self.left.setHeaderLabels(["Not exported", "Value", "Why"])
        self.left.setRootIsDecorated(False)
        self.left.setAccessibleName("Options that are not exported")
        self.left.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.left.header().resizeSection(1, 100)
        self.words = muted()
        self.cancel = button("Cancel", "Write nothing (Esc)")
        self.cancel.clicked.connect(self.reject)
        self.go_on = button("Choose a place…", "Say where it is written", "primary")
        self.go_on.clicked.connect(self.save)
        parts = splitter(Qt.Orientation.Horizontal, (self.text, self.left), (2, 3))
        parts.setSizes([380, 560])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(column(heading("Export config"), field("For", self.trainers), self.words))
        layout.addWidget(parts, 1)
        layout.addLayout(row(None, self.cancel, self.go_on))
