"""Prepare & Package room: training size, pixel-true resize with proof, and the zip."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.image_list_model import ImageListModel
from bespoke_gui.qtmodels.package_model import PackageModel
from bespoke_gui.qtmodels.prepare_model import PrepareModel
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views.widgets.image_strip import ImageStrip
from bespoke_gui.views.widgets.package_pane import PackagePane
from bespoke_gui.views.widgets.parts import scrolling
from bespoke_gui.views.widgets.prepare_preview_pane import PreparePreviewPane
from bespoke_gui.views.widgets.prepare_set_pane import PrepareSetPane
from bespoke_gui.views.widgets.prepare_settings_pane import PrepareSettingsPane


class PreparePanel(QWidget):
    """Settings at the left, one image before and after in the middle, the package at the right."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.model = PrepareModel(session, self)
        self.package_model = PackageModel(session, self)
        self._images = ImageListModel(session.thumbnails, parent=self)
        self.settings = PrepareSettingsPane(self.model)
        self.preview = PreparePreviewPane()
        self.set_figures = PrepareSetPane()
        self.strip = ImageStrip(self._images)
        self.package = PackagePane(session, self.package_model)
        self._lay_out()
        self._connect()
        self.model.load_methods()
        self._on_project_changed()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.package_model.refresh()

    def _lay_out(self) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.strip)
        column.addWidget(self.preview, 5)
        column.addWidget(self.set_figures, 2)
        left = scrolling(self.settings)
        left.setMinimumWidth(296)
        self.package.setMinimumWidth(240)
        whole = QSplitter(Qt.Orientation.Horizontal)
        whole.setChildrenCollapsible(False)
        for index, (part, share) in enumerate(((left, 0), (middle, 1), (self.package, 0))):
            whole.addWidget(part)
            whole.setStretchFactor(index, share)
        whole.setSizes([348, 692, 300])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.addWidget(whole)

    def _connect(self) -> None:
        model = self.model
        self._session.project_changed.connect(self._on_project_changed)
        self.strip.chosen.connect(model.show)
        self.settings.prepare_asked.connect(model.prepare)
        self.set_figures.measure_asked.connect(model.measure)
        self.set_figures.image_wanted.connect(self.strip.select)
        model.settings_changed.connect(self.set_figures.clear)
        model.settings_changed.connect(self.settings.refresh)
        model.previewed.connect(self.preview.show_preview)
        model.preview_failed.connect(self.preview.show_problem)
        model.measured.connect(self.set_figures.show_figures)
        model.busy_changed.connect(self.set_figures.measure.setDisabled)

    def _on_project_changed(self) -> None:
        dataset = self._session.dataset
        items = dataset.used if dataset else []
        self.set_figures.clear()
        self.settings.set_count(len(items))
        self.settings.refresh()
        self._images.set_items(items)
        self.package_model.refresh()
        if items:
            self.strip.select(items[0].name)
