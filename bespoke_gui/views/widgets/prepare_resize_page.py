"""Resize page: settings at the left, one image before and after, and the whole set's figures."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.image_list_model import ImageListModel
from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.qtmodels.prepare_model import PrepareModel, set_name
from bespoke_gui.qtmodels.prepare_preview import Preview, SetFigures
from bespoke_gui.qtmodels.prepared_sets import PreparedSets
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.image_strip import ImageStrip
from bespoke_gui.views.widgets.parts import button, card, column, row, splitter
from bespoke_gui.views.widgets.prepare_off_grid_bar import CHOICES, PrepareOffGridBar
from bespoke_gui.views.widgets.prepare_preview_pane import PreparePreviewPane
from bespoke_gui.views.widgets.prepare_set_pane import PrepareSetPane
from bespoke_gui.views.widgets.prepare_settings_pane import PrepareSettingsPane
from bespoke_gui.views.widgets.prepared_sets_pane import PreparedSetsPane

LOW = 640  # px; a lower page has no room for strip, question, preview and figures at once


class PrepareResizePage(QWidget):
    """What preparing does to the image looked at and to the set, and the button that does it."""

    def __init__(self, desk: PrepareDesk) -> None:
        super().__init__()
        self._desk = desk
        self._native = 0
        self.model = PrepareModel(desk.session, self)
        self.sets_model = PreparedSets(desk.session, self)
        self._images = ImageListModel(desk.session.thumbnails, parent=self)
        self.settings = PrepareSettingsPane(self.model)
        self.preview = PreparePreviewPane()
        self.off_grid = PrepareOffGridBar(self.model.decisions)
        self.set_figures = PrepareSetPane()
        self.sets = PreparedSetsPane(self.sets_model)
        self.strip = ImageStrip(self._images)
        self._below = QStackedWidget()
        self.tabs = {
            "set": self._tab("Whole set", self.set_figures),
            "prepared": self._tab("Prepared sets", self.sets),
        }
        self._lay_out()
        self._connect()
        self.model.load_methods()
        self._on_project_changed()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.sets_model.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Let the strip of images step aside in a low window while something is asked."""
        self.strip.setVisible(self.height() >= LOW or self.off_grid.isHidden())

    def _tab(self, words: str, page: QWidget) -> QPushButton:
        choice = button(words, kind="ghost")
        choice.setCheckable(True)
        self._below.addWidget(page)
        choice.clicked.connect(lambda: self._below.setCurrentWidget(page))
        return choice

    def _lay_out(self) -> None:
        group = QButtonGroup(self)
        for choice in self.tabs.values():
            group.addButton(choice)
        self.tabs["set"].setChecked(True)
        below = column(row(*self.tabs.values(), None, spacing=4), spacing=4)
        below.addWidget(self._below, 1)
        under = card(below, 12)
        middle = QWidget()
        parts = column(self.strip, self.off_grid)
        parts.addWidget(self.preview, 5)
        parts.addWidget(under, 2)
        middle.setLayout(parts)
        under.setMinimumHeight(136)
        self.settings.setMinimumWidth(344)
        whole = splitter(Qt.Orientation.Horizontal, (self.settings, middle), (0, 1))
        whole.setSizes([360, 988])
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
        self.set_figures.image_wanted.connect(self.strip.select)
        self.set_figures.recover_wanted.connect(self._recover)
        self.off_grid.image_wanted.connect(self.strip.select)
        model.settings_changed.connect(self.set_figures.wait)
        model.previewed.connect(self.preview.show_preview)
        model.previewed.connect(self._on_previewed)
        model.preview_failed.connect(self.preview.show_problem)
        model.measuring.connect(self.set_figures.show_progress)
        model.measured.connect(self._on_measured)
        model.native_differs.connect(self._on_native_differs)
        self.set_figures.repair.native.clicked.connect(self._use_native)
        model.decisions.changed.connect(self._ask)
        self.sets_model.listed.connect(self._on_sets)
        for action, (words, _, keys) in CHOICES.items():
            add_shortcut(self, keys, f"Off the grid: {words}", self.off_grid.choices[action].click)

    def _on_project_changed(self) -> None:
        dataset = self._desk.session.dataset
        items = dataset.used if dataset else []
        self.set_figures.clear()
        self.off_grid.show_name("")
        self._images.set_items(items)
        self.model.take_project()
        self.settings.set_count(len(items))
        self.sets_model.refresh()
        if items:
            self.strip.select(self._desk.current())

    def _on_measured(self, figures: SetFigures) -> None:
        self.set_figures.show_figures(figures)
        self._ask()

    def _on_previewed(self, preview: Preview) -> None:
        if preview.asks or self.off_grid.name:
            self._ask()

    def _ask(self) -> None:
        """Ask about the image looked at, or about the first that nobody has decided about."""
        decisions, current = self.model.decisions, self.model.name
        waiting = decisions.undecided()
        name = current if current in decisions.asking() else next(iter(waiting), "")
        self.off_grid.show_name(name)
        self._make_room()
        if name:
            decisions.show(self.model.survey, name)

    def _recover(self) -> None:
        """Make a set of the native pixels, at a size at which each cell is whole."""
        size = self.model.settings.size
        facts = self.model.facts(size)
        fitting = size if facts is not None and facts.even else self.model.offered()[0]
        settings = replace(self.model.settings, method="pixel", size=fitting, fit="ask")
        self.model.prepare(f"recovered_{set_name(settings)}", settings)

    def _on_native_differs(self, cells: int) -> None:
        self._native = cells
        self.set_figures.repair.show_native(cells)

    def _use_native(self) -> None:
        self.model.use_native(self._native)

    def _on_sets(self, states: list) -> None:
        count = f" ({len(states)})" if states else ""
        self.tabs["prepared"].setText(f"Prepared sets{count}")
