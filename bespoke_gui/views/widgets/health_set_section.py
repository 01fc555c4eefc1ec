"""Images section: colours an image, sizes and backgrounds as plots, and the images behind a bar."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.health_model import HealthModel
from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.views.widgets.bar_plot import BarPlot, PlotBar
from bespoke_gui.views.widgets.health_wall import HealthWall
from bespoke_gui.views.widgets.parts import card, column, heading, scrolling, splitter
from bespoke_gui.views.widgets.share_bars import Share, ShareBars

MIXED = "no plain"
MOST_SIZES = 8


class HealthSetSection(QWidget):
    """What the set is made of; a bar that is chosen shows its images below."""

    def __init__(self, model: HealthModel, desk: PrepareDesk) -> None:
        super().__init__()
        self._model = model
        self.colours = BarPlot("Unique colours an image", "colours")
        self.sizes = ShareBars("Images by size")
        self.backgrounds = ShareBars("Images by background colour")
        self._plots = (self.colours, self.sizes, self.backgrounds)
        self._names: dict[QWidget, list[tuple[str, list[str]]]] = {}
        self.wall = HealthWall(model, desk)
        self._lay_out()
        self.wall.all_wanted.connect(self.show_all)
        for plot in self._plots:
            plot.chosen.connect(lambda place, plot=plot: self._on_chosen(plot, place))

    def _lay_out(self) -> None:
        facts = QWidget()
        facts.setLayout(
            column(
                heading("Sizes", 1.0), self.sizes,
                heading("Backgrounds", 1.0), self.backgrounds, None,
                spacing=4,
            )
        )  # fmt: skip
        left = card(column(heading("Unique colours an image", 1.0), self.colours, spacing=2), 12)
        right = card(column(scrolling(facts)), 12)
        right.setMinimumWidth(260)
        plots = splitter(Qt.Orientation.Horizontal, (left, right), (3, 2))
        plots.setSizes([780, 520])
        whole = splitter(Qt.Orientation.Vertical, (plots, self.wall), (1, 1))
        whole.setSizes([300, 320])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(whole)

    def refresh(self) -> None:
        """Show what was found."""
        health = self._model.health
        if health is None:
            return
        colours = health.colours
        bars = [PlotBar(bar.low, bar.high, len(bar.images)) for bar in colours.bars]
        marks = [(colours.median, f"median {colours.median:g}")] if bars else []
        self.colours.show_bars(bars, marks)
        self._names[self.colours] = [
            (f"{bar.words} colours", list(found.images))
            for bar, found in zip(bars, colours.bars, strict=True)
        ]
        sizes = _few([(f"{w}×{h} px", names) for (w, h), names in health.resolutions().items()])
        self._names[self.sizes] = sizes
        self.sizes.show_shares([Share(words, len(names)) for words, names in sizes])
        plain = health.backgrounds()
        # What is no plain background comes last, however often.
        grounds = sorted(plain.items(), key=lambda pair: pair[0] == MIXED)
        chips = {facts.background: facts.background_code for facts in reversed(health.images)}
        self._names[self.backgrounds] = [(f"{words} background", v) for words, v in grounds]
        self.backgrounds.show_shares(
            [Share(words, len(v), _chip(chips.get(words))) for words, v in grounds]
        )
        self.show_all()

    def show_all(self) -> None:
        """Show all images again."""
        for plot in self._plots:
            if plot.current >= 0:
                plot.choose(-1)
        health = self._model.health
        names = [facts.name for facts in health.images] if health else []
        self.wall.show_names(f"All {wording.count(len(names), 'image')}", names)

    def _on_chosen(self, plot: QWidget, place: int) -> None:
        if place < 0:
            if all(other.current < 0 for other in self._plots):
                self.show_all()
            return
        for other in self._plots:
            if other is not plot and other.current >= 0:
                other.choose(-1)
        words, names = self._names[plot][place]
        self.wall.show_names(f"{words}: {wording.count(len(names), 'image')}", names, True)


def _few(kinds: list[tuple[str, list[str]]]) -> list[tuple[str, list[str]]]:
    """Return the first kinds as they are and all further ones as one."""
    first, rest = kinds[:MOST_SIZES], kinds[MOST_SIZES:]
    if len(rest) < 2:
        return kinds
    return [*first, (f"{len(rest)} other sizes", [name for _, names in rest for name in names])]


def _chip(code: int | None) -> QColor | None:
    return None if code is None else QColor.fromRgb(code)
