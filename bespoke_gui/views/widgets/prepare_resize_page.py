"""Resize page: settings at the left, one image before and after, and the whole set's figures."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.qtmodels.image_list_model import ImageListModel
from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.qtmodels.prepare_model import PrepareModel
from bespoke_gui.views.widgets.image_strip import ImageStrip
from bespoke_gui.views.widgets.parts import scrolling, splitter
from bespoke_gui.views.widgets.prepare_preview_pane import PreparePreviewPane
from bespoke_gui.views.widgets.prepare_set_pane import PrepareSetPane
from bespoke_gui.views.widgets.prepare_settings_pane import PrepareSettingsPane


class PrepareResizePage(QWidget):
    """What preparing does to the image looked at and to the set, and the button that does it."""

    def __init__(self, desk: PrepareDesk) -> None:
        super().__init__()
        self._desk = desk
        self.model = PrepareModel(desk.session, self)
        self._images = ImageListModel(desk.session.thumbnails, parent=self)
        self.settings = PrepareSettingsPane(self.model)
        self.preview = PreparePreviewPane()
        self.set_figures = PrepareSetPane()
        self.strip = ImageStrip(self._images)
        self._lay_out()
        self._connect()
        self.model.load_methods()
        self._on_project_changed()

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
        whole = splitter(Qt.Orientation.Horizontal, (left, middle), (0, 1))
        whole.setSizes([348, 1000])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(whole)

    def _connect(self) -> None:
        model, desk = self.model, self._desk
        desk.session.project_changed.connect(self._on_project_changed)
        desk.image_wanted.connect(self.strip.select)
        self.strip.chosen.connect(desk.show)
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
        dataset = self._desk.session.dataset
        items = dataset.used if dataset else []
        self.set_figures.clear()
        self.settings.set_count(len(items))
        self.settings.refresh()
        self._images.set_items(items)
        if items:
            self.strip.select(self._desk.current())
