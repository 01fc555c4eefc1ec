"""Package page: one zip from a set and a config, and whether it would train."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.qtmodels.package_model import PackageModel
from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.views.widgets.package_pane import PackagePane


class PackagePage(QWidget):
    """Holds the package pane; sets and configs are looked for again when it comes into sight."""

    def __init__(self, desk: PrepareDesk) -> None:
        super().__init__()
        self.model = PackageModel(desk.session, self)
        self.pane = PackagePane(desk.session, self.model)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pane)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.model.refresh()
