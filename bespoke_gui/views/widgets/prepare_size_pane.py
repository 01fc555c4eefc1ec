"""Size pane: the sizes to train at, what each means, and what becomes of a rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.qtmodels.prepare_model import PrepareModel
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import column, heading, muted, plain_label

if TYPE_CHECKING:
    from bespoke_gui.core.prepared.sizes import SizeFacts

COLUMNS = 3
PLACES = 5
FITS = {
    "uneven": "Exact colours; some cells are one pixel wider than others",
    "pad-cells": "Edge cells are repeated until whole cells fill the size: the frame grows",
    "pad-pixels": "The largest whole cells in the middle, the rest filled with their edge; "
    "plain sampling of the native size would then miss cells",
}


class PrepareSizePane(QWidget):
    """Buttons for the sizes offered, any other size beside them, and the facts of the chosen."""

    def __init__(self, model: PrepareModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.sizes: dict[int, SizeButton] = {}
        self._places = [SizeButton() for _ in range(PLACES)]
        self.custom = QSpinBox()
        self.custom.setRange(8, 4096)
        self.custom.setSingleStep(24)
        self.custom.setSuffix(" px")
        self.custom.setValue(model.settings.size)
        self.custom.setAccessibleName("Size in pixels")
        self.custom.setToolTip("Any other size of the longer side")
        # As wide and high as the sizes beside it.
        self.custom.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.custom.valueChanged.connect(lambda value: model.choose(size=value))
        self._facts = FactLines()
        self.fits: dict[str, QPushButton] = {}
        self._question = muted()
        self._rest = self._rest_part()
        sizes = QGridLayout()
        sizes.setSpacing(8)
        for index, place in enumerate(self._places):
            sizes.addWidget(place, index // COLUMNS, index % COLUMNS)
            place.clicked.connect(self._on_place)
        for index in range(COLUMNS):
            sizes.setColumnStretch(index, 1)
        sizes.addWidget(self.custom, PLACES // COLUMNS, PLACES % COLUMNS)
        self.setLayout(column(heading("Size", 1.0), sizes, self._facts, self._rest))

    def offer(self) -> None:
        """Show the sizes that suit the project's cells."""
        offered = self._model.offered()
        self.sizes = dict(zip(offered, self._places, strict=False))
        for place in self._places[len(offered) :]:
            place.hide()
        for size, place in self.sizes.items():
            place.tell(size, self._model.facts(size))
            place.show()
        self.refresh()

    def refresh(self) -> None:
        """Show the model's choices."""
        settings = self._model.settings
        for size, place in self.sizes.items():
            place.setChecked(size == settings.size)
        self.custom.blockSignals(True)
        self.custom.setValue(settings.size)
        self.custom.blockSignals(False)
        self._facts.show_facts(
            self._model.facts(settings.size, settings.fit), settings.size, self._model.loaded
        )
        self._rest.setVisible(self._model.has_rest())
        cells = self._model.settings.native
        self._question.setText(
            f"{settings.size} is no multiple of {cells} cells. What becomes of the rest?"
        )
        group = self.fits["uneven"].group()
        group.setExclusive(False)
        for fit, choice in self.fits.items():
            facts = self._model.facts(settings.size, fit)
            choice.setEnabled(facts is not None)
            choice.setText(_fit_words(fit, facts))
            choice.setAccessibleName(f"{choice.text()}: {FITS[fit]}")
            choice.setChecked(fit == settings.fit)
        group.setExclusive(True)

    def _rest_part(self) -> QWidget:
        choices = QGridLayout()
        choices.setSpacing(8)
        group = QButtonGroup(self)
        for index, (fit, tip) in enumerate(FITS.items()):
            choice = QPushButton()
            choice.setCheckable(True)
            choice.setToolTip(tip)
            theme.set_kind(choice, "size")
            choice.clicked.connect(lambda _=False, fit=fit: self._model.choose(fit=fit))
            choices.addWidget(choice, 0, index)
            choices.setColumnStretch(index, 1)
            group.addButton(choice)
            self.fits[fit] = choice
        part = QWidget()
        part.setLayout(column(self._question, choices, spacing=4))
        return part

    def _on_place(self) -> None:
        place = self.sender()
        if isinstance(place, SizeButton):
            self._model.choose(size=place.size_px)


def _fit_words(fit: str, facts: SizeFacts | None) -> str:
    if facts is None:
        return "No whole\nfactor"
    cell = facts.widths[0]
    if fit == "uneven":
        return f"Uneven cells\n{' or '.join(map(str, facts.widths))} px"
    if fit == "pad-cells":
        return f"Pad to {facts.width // cell} cells\n{cell} px each"
    return f"Fill the edge\n{cell} px each"


class FactLines(QWidget):
    """The facts of a size, one a line, each with a sign that says whether it suits."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(2)
        self._labels = [plain_label() for _ in range(4)]
        for label in self._labels:
            self._lines.addWidget(label)

    def show_facts(self, facts: SizeFacts | None, size: int, known: bool) -> None:
        """Show what a size means, or that the cells find no room in it."""
        lines = facts.words() if facts else [(f"No room for the cells in {size} px", not known)]
        for label, found in zip(self._labels, [*lines, *[None] * 4], strict=False):
            label.setVisible(found is not None and known)
            if found is not None:
                words, good = found
                label.setText(f"{'✓' if good else '!'}  {words}")
                theme.set_kind(label, "muted" if good else "warning")

    def words(self) -> list[str]:
        """Return the lines that are shown."""
        return [label.text() for label in self._labels if not label.isHidden()]


class SizeButton(QPushButton):
    """A size with what a native pixel becomes at it."""

    def __init__(self) -> None:
        super().__init__()
        self.size_px = 0
        self.setCheckable(True)
        theme.set_kind(self, "size")

    def tell(self, size: int, facts: SizeFacts | None) -> None:
        """Show a size and what a cell becomes."""
        self.size_px = size
        cells = " or ".join(map(str, facts.widths)) if facts else ""
        words = f"{cells} px each" if facts and facts.even else f"{cells} px"
        cost = f", {100 * facts.cost:.0f}% of the cost of 512" if facts else ""
        self.setText(f"{size}\n{words}")
        self.setAccessibleName(f"{size} pixels, {words}")
        self.setToolTip(f"{size} px: a cell becomes {words}{cost}")
