"""Images page: is the set fit to train on? Figures at the top, what is behind each below."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.health_model import HealthModel
from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.figure_card import FigureCard
from bespoke_gui.views.widgets.health_alike_section import HealthAlikeSection
from bespoke_gui.views.widgets.health_files_section import HealthFilesSection
from bespoke_gui.views.widgets.health_outliers_section import HealthOutliersSection
from bespoke_gui.views.widgets.health_palette_section import HealthPaletteSection
from bespoke_gui.views.widgets.health_set_section import HealthSetSection
from bespoke_gui.views.widgets.parts import button, heading, row, tool

_CARDS = {
    "set": ("Images", "Sizes, colours and backgrounds of the set"),
    "palette": ("Palette", "All colours of the set and who uses them"),
    "alike": ("Alike", "Images that are there twice, or nearly so"),
    "outliers": ("Unlike the rest", "Images that differ from the others, and why"),
    "files": ("Files and captions", "Images without captions, files that cannot be read"),
}

_LOOKING = "Looking at the images…"
_STOPPED = "The images were not looked at: F5 does it"


class Section(Protocol):
    """A part of the page that shows what the model found."""

    def refresh(self) -> None:
        """Show it anew."""
        ...


class HealthPage(QWidget):
    """A row of figures; the one chosen opens its section. The set is looked at when it is shown."""

    def __init__(self, desk: PrepareDesk) -> None:
        super().__init__()
        self._desk = desk
        self.model = HealthModel(desk.session, self)
        self.cards = {key: FigureCard(*words) for key, words in _CARDS.items()}
        self.sections = {
            "set": HealthSetSection(self.model, desk),
            "palette": HealthPaletteSection(self.model, desk),
            "alike": HealthAlikeSection(self.model, desk),
            "outliers": HealthOutliersSection(self.model, desk),
            "files": HealthFilesSection(self.model, desk),
        }
        # F5 is the window's: it reads the whole project again, and this page with it.
        self.refresh_tool = tool("refresh", "Look at all images again", "F5")
        self.refresh_tool.clicked.connect(self.model.look_again)
        self._bar = QProgressBar()
        self._bar.setAccessibleName("Looking at the images")
        self._waiting = heading(_LOOKING, 1.25)
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        stop = button("Stop", "Stop looking; F5 looks again", "link-line")
        stop.clicked.connect(self.model.stop)
        self._progress = QWidget()
        self._progress.setLayout(row(self._bar, stop))
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self.show_section("set")

    def _lay_out(self) -> None:
        self._stack.addWidget(self._waiting)
        for section in self.sections.values():
            self._stack.addWidget(section)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row(*self.cards.values(), self.refresh_tool))
        layout.addWidget(self._progress)
        layout.addWidget(self._stack, 1)
        self._progress.hide()

    def _connect(self) -> None:
        for place, (key, choice) in enumerate(self.cards.items(), 1):
            choice.clicked.connect(lambda _=False, key=key: self.show_section(key))
            keys = f"Ctrl+Alt+{place}"
            add_shortcut(self, keys, f"Images: {_CARDS[key][0]}", choice.click)
            choice.setToolTip(f"{_CARDS[key][1]} ({keys})")
        self.model.changed.connect(self._on_changed)
        self.model.busy_changed.connect(self._on_busy)
        self.model.progressed.connect(self._on_progressed)
        self._desk.session.project_changed.connect(self._on_project_changed)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.model.look()

    def show_section(self, key: str) -> None:
        """Open what is behind a figure."""
        self._key = key
        self.cards[key].setChecked(True)
        known = self.model.health is not None
        self._stack.setCurrentWidget(self.sections[key] if known else self._waiting)

    def _on_project_changed(self) -> None:
        if self.isVisible():
            self.model.look()

    def _on_changed(self) -> None:
        for section in self.sections.values():
            section.refresh()
        self._tell()
        self.show_section(self._key)

    def _tell(self) -> None:
        """Put the figures on the cards."""
        health = self.model.health
        if health is None:
            for choice in self.cards.values():
                choice.tell("–", "")
            return
        sizes = list(health.resolutions())
        size = f"{sizes[0][0]}×{sizes[0][1]} px" if len(sizes) == 1 else f"{len(sizes)} sizes"
        out = f", {health.excluded} excluded" if health.excluded else ""
        words = (size if sizes else "no images") + out
        damaged = 2 * sum(facts.is_damaged for facts in health.images) > len(health.images)
        words += ", resampled" if damaged else ""
        self.cards["set"].tell(f"{len(health.images):,}", words, "warning" if damaged else "text")
        median = f"{health.colours.median:g} an image (median)"
        self.cards["palette"].tell(wording.count(len(health.palette.colours), "colour"), median)
        self._tell_alike()
        self._tell_rest()

    def _tell_alike(self) -> None:
        health = self.model.health
        if health is None:
            return
        twice = sum(len(group.images) - 1 for group in health.duplicates)
        near = [pair for pair in health.near.pairs if not pair.kept]
        kept = len(health.near.pairs) - len(near)
        words = f"{twice} exact, {len(near) + health.near.left_out} nearly"
        words += f", {kept} kept" if kept else ""
        total = twice + len(near) + health.near.left_out
        kind = "danger" if twice else "warning" if near else "good"
        self.cards["alike"].tell(wording.count(total, "pair") if total else "none", words, kind)

    def _tell_rest(self) -> None:
        health = self.model.health
        if health is None:
            return
        images = len({outlier.image for outlier in health.outliers})
        off = sum(outlier.kind == "off_grid" for outlier in health.outliers)
        words = f"{off} with pixels off the grid" if off else "size, colours, format"
        kind = "warning" if images else "good"
        self.cards["outliers"].tell(
            wording.count(images, "image") if images else "none", words, kind
        )
        missing, bad = len(health.missing_captions), len(health.unreadable)
        words = f"{bad} unreadable" if bad else wording.count(len(health.problems), "finding")
        words = f"captions; {words}" if missing else words
        kind = "danger" if bad or missing else "warning" if health.problems else "good"
        figure = f"{missing} missing" if missing else "all captioned"
        self.cards["files"].tell(figure, words, kind)

    def _on_busy(self, busy: bool) -> None:
        self._progress.setVisible(busy)
        self._waiting.setText(_LOOKING if busy else _STOPPED)
        self._bar.setRange(0, 0)

    def _on_progressed(self, done: int, total: int, text: str) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)
