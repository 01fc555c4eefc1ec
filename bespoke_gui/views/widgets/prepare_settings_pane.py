"""Settings pane of preparing: size, method, name and the one button that does it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.prepare_model import PrepareModel, set_name
from bespoke_gui.qtmodels.prepare_preview import SetFigures
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import (
    button,
    card,
    column,
    heading,
    muted,
    plain_label,
    row,
    scrolling,
)
from bespoke_gui.views.widgets.prepare_method_pane import PrepareMethodPane
from bespoke_gui.views.widgets.prepare_size_pane import PrepareSizePane


class PrepareSettingsPane(QWidget):
    """What to prepare and how. `prepare_asked` carries the name of the new set."""

    prepare_asked = Signal(str)

    def __init__(self, model: PrepareModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._count = 0
        self.size_pane = PrepareSizePane(model)
        self.method_pane = PrepareMethodPane(model)
        self.background = ColourButton(model)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the prepared set")
        self._named_by_hand = False
        self.name.textEdited.connect(self._on_named)
        self.start = button("Prepare", kind="primary")
        self.start.clicked.connect(lambda: self.prepare_asked.emit(self.name.text().strip()))
        self.stop = button("Cancel", "Nothing is left of a set that is cancelled")
        self.stop.clicked.connect(model.cancel)
        self._progress = QProgressBar()
        self._progress.setAccessibleName("Progress")
        self._step = muted(wrap=False)
        self._why = plain_label()
        theme.set_kind(self._why, "warning")
        self._lay_out()
        model.methods_loaded.connect(lambda _: self.size_pane.offer())
        model.settings_changed.connect(self.refresh)
        model.measured.connect(self._on_measured)
        model.progressed.connect(self._on_progress)
        model.busy_changed.connect(self.set_busy)
        self.set_busy(False)
        self.refresh()

    def set_count(self, images: int) -> None:
        """Say how many images there are to prepare."""
        self._count = images
        self.size_pane.offer()
        self.start.setText(f"Prepare {images} images" if images != 1 else "Prepare 1 image")
        self._check()

    def refresh(self) -> None:
        """Show the model's choices."""
        self.size_pane.refresh()
        if not self._named_by_hand:
            self.name.setText(set_name(self._model.settings))
        self._check()

    def set_busy(self, busy: bool) -> None:
        """Show progress and the way out while work is under way."""
        self.start.setVisible(not busy)
        for widget in (self.stop, self._progress, self._step):
            widget.setVisible(busy)
        if busy:
            self._progress.setRange(0, 0)
            self._step.setText("Starting…")

    def _lay_out(self) -> None:
        choices = QWidget()
        choices.setLayout(
            column(self.size_pane, self.method_pane, self.background, None, spacing=12)
        )
        self._area = scrolling(choices)
        foot = column(
            row(plain_label("Name", wrap=False), self.name),
            self._why,
            self.start,
            self._progress,
            row(self._step, None, self.stop),
        )
        inner = column(heading("Resize"), muted("A new set of images; originals stay."), spacing=4)
        inner.addWidget(self._area, 1)
        inner.addLayout(foot)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(inner, 12))

    def _check(self) -> None:
        why = ""
        if self._model.must_choose_fit():
            why = "Choose first what becomes of the rest."
        elif not self.name.text().strip():
            why = "Give the set a name."
        self._why.setText(why)
        self._why.setVisible(bool(why))
        self.start.setEnabled(not why and self._count > 0)

    def _on_named(self, text: str) -> None:
        self._named_by_hand = bool(text.strip())
        self._check()

    def _on_measured(self, figures: SetFigures) -> None:
        self.background.setVisible(figures.has_transparent())

    def _on_progress(self, done: int, total: int, left: str) -> None:
        self._progress.setRange(0, total)
        self._progress.setValue(done)
        self._step.setText(f"{done} of {total}" + (f", {left}" if left else ""))


class ColourButton(QWidget):
    """The colour below transparent pixels; shown where there are any."""

    def __init__(self, model: PrepareModel) -> None:
        super().__init__()
        self._model = model
        self.choose = button("", "Choose the colour below transparent pixels")
        self.choose.clicked.connect(self._ask)
        self._patch = plain_label(wrap=False)
        self._patch.setFixedSize(24, 24)
        self.setLayout(
            row(plain_label("Below transparent pixels", wrap=False), None, self._patch, self.choose)
        )
        model.settings_changed.connect(self.refresh)
        self.hide()
        self.refresh()

    def refresh(self) -> None:
        """Show the colour in use."""
        colour = QColor(*self._model.settings.background)
        self.choose.setText(colour.name())
        self.choose.setAccessibleName(f"Colour below transparent pixels, {colour.name()}")
        self._patch.setStyleSheet(f"background: {colour.name()}; border-radius: 4px;")

    def take(self, colour: QColor) -> None:
        """Lay transparent pixels over this colour from now on."""
        if colour.isValid():
            self._model.choose(background=(colour.red(), colour.green(), colour.blue()))

    def _ask(self) -> None:
        now = QColor(*self._model.settings.background)
        self.take(QColorDialog.getColor(now, self, "Below transparent pixels"))
