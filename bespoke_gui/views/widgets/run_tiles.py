"""Run tiles: the figures of a run side by side, in two lines where one is too short."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import column, figure, muted

TILES = (
    ("epoch", "Epoch"), ("step", "Step"), ("left", "Time left"), ("speed", "Images/s"),
    ("loss", "Loss"), ("rate", "Learning rate"), ("gpu", "GPU load"), ("cost", "Cost so far"),
)  # fmt: skip
NARROWEST = 104
WIDE = {"cost": 15}


class RunTiles(QWidget):
    """`values` are the labels by their names; a tile without a value steps aside."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.values: dict[str, QLabel] = {}
        self._names: dict[str, QLabel] = {}
        self._holders: dict[str, QWidget] = {}
        self._shown: list[str] = []
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        for name, words in TILES:
            value, label = figure(wording.DASH, 1.15), muted(words, wrap=False)
            value.setAccessibleName(words)
            # Within this widget from the first: shown without a parent it would be a window.
            holder = QWidget(self)
            holder.hide()
            holder.setLayout(column(label, value, spacing=0))
            holder.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            self.values[name], self._names[name], self._holders[name] = value, label, holder

    def show_values(self, values: Mapping[str, str]) -> None:
        """Show these figures and no others, in the order of TILES."""
        shown = [name for name, _ in TILES if name in values]
        for name in shown:
            if self.values[name].text() != values[name]:
                self.values[name].setText(values[name])
        if shown != self._shown:
            self._shown = shown
            self._arrange(anew=True)

    def rename(self, name: str, words: str) -> None:
        """Give a figure another heading."""
        self._names[name].setText(words)

    def set_tip(self, name: str, tip: str, kind: str = "") -> None:
        """Explain a figure; kind "warning" draws it in that colour."""
        self._holders[name].setToolTip(tip)
        theme.set_kind(self.values[name], kind)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self, anew: bool = False) -> None:
        count = len(self._shown)
        fits = count * NARROWEST <= self.width()
        columns = count if fits else -(-count // 2)
        if columns == self._columns and not anew:
            return
        for place in range(max(columns, self._columns)):
            names = self._shown[place::columns] if place < columns else []
            self._grid.setColumnStretch(place, max((WIDE.get(one, 10) for one in names), default=0))
        self._columns = columns
        for name, holder in self._holders.items():
            self._grid.removeWidget(holder)
            holder.setVisible(name in self._shown)
        for place, name in enumerate(self._shown):
            self._grid.addWidget(self._holders[name], *divmod(place, max(1, columns)))
