"""Settings pane of preparing: size, method, name and the one button that does it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.qtmodels.prepare_model import SIZES, PrepareModel, set_name
from bespoke_gui.qtmodels.prepare_preview import Method
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import badge, button, card, column, heading, muted, row

FIRST = 3


class PrepareSettingsPane(QWidget):
    """What to prepare and how. `prepare_asked` carries the name of the new set."""

    prepare_asked = Signal(str)

    def __init__(self, model: PrepareModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.sizes: dict[int, SizeButton] = {size: SizeButton(size) for size in SIZES}
        self.custom = QSpinBox()
        self.custom.setRange(8, 4096)
        self.custom.setSingleStep(24)
        self.custom.setSuffix(" px")
        self.custom.setValue(SIZES[0])
        self.custom.setAccessibleName("Size in pixels")
        self.custom.setToolTip("Any other size of the longer side")
        # As wide and high as the sizes beside it.
        self.custom.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self._warning = QLabel(wordWrap=True)
        theme.set_kind(self._warning, "warning")
        self.methods: dict[str, QRadioButton] = {}
        self._methods = QVBoxLayout()
        self._methods.setSpacing(0)
        self._methods_group = QButtonGroup(self)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the prepared set")
        self._named_by_hand = False
        self.name.textEdited.connect(self._on_named)
        self.start = button("Prepare", kind="primary")
        self.start.clicked.connect(lambda: self.prepare_asked.emit(self.name.text().strip()))
        self.stop = button("Cancel")
        self.stop.clicked.connect(model.cancel)
        self._progress = QProgressBar()
        self._progress.setAccessibleName("Progress")
        self._step = muted(wrap=False)
        self._lay_out()
        model.methods_loaded.connect(self._add_methods)
        model.progressed.connect(self._on_progress)
        model.busy_changed.connect(self.set_busy)
        self.custom.valueChanged.connect(self._on_custom)
        self.set_busy(False)
        self.refresh()

    def set_count(self, images: int) -> None:
        """Say how many images there are to prepare."""
        self.start.setText(f"Prepare {images} images" if images != 1 else "Prepare 1 image")
        self.start.setEnabled(images > 0)

    def refresh(self) -> None:
        """Show the model's choices."""
        size = self._model.size
        for value, choice in self.sizes.items():
            choice.setChecked(value == size)
            choice.tell(self._model.cell_words(value))
        self.custom.blockSignals(True)
        self.custom.setValue(size)
        self.custom.blockSignals(False)
        problem = self._model.size_problem()
        self._warning.setText(problem)
        self._warning.setVisible(bool(problem))
        if self._model.method in self.methods:
            self.methods[self._model.method].setChecked(True)
        if not self._named_by_hand:
            self.name.setText(set_name(size, self._model.method))

    def set_busy(self, busy: bool) -> None:
        """Show progress and the way out while work is under way."""
        self.start.setVisible(not busy)
        for widget in (self.stop, self._progress, self._step):
            widget.setVisible(busy)
        if busy:
            self._progress.setRange(0, 0)
            self._step.setText("Starting…")

    def _lay_out(self) -> None:
        sizes = QGridLayout()
        sizes.setSpacing(8)
        for index in range(FIRST):
            sizes.setColumnStretch(index, 1)
        for index, (value, choice) in enumerate(self.sizes.items()):
            sizes.addWidget(choice, index // FIRST, index % FIRST)
            choice.clicked.connect(lambda _=False, value=value: self._choose(size=value))
        sizes.addWidget(self.custom, 1, 2)
        name = row(QLabel("Name"), self.name)
        inner = column(
            heading("Prepare"),
            muted("A new folder with every image at the size to train at. Originals stay."),
            heading("Size", 1.0),
            sizes,
            self._warning,
            heading("Method", 1.0),
            self._methods,
            name,
            self.start,
            self._progress,
            row(self._step, None, self.stop),
            None,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(inner, 16))

    def _add_methods(self, methods: list[Method]) -> None:
        for method in methods:
            choice = QRadioButton(method.title)
            choice.setToolTip(method.hint)
            choice.setAccessibleDescription(method.hint)
            choice.clicked.connect(lambda _=False, name=method.name: self._choose(method=name))
            self._methods_group.addButton(choice)
            self.methods[method.name] = choice
            tag = [badge("no new colours", "badge-good")] if method.pixel_true else []
            hint = muted(method.hint)
            hint.setContentsMargins(24, 0, 0, 4)
            self._methods.addLayout(column(row(choice, None, *tag), hint, spacing=0))
        self.refresh()

    def _choose(self, size: int | None = None, method: str | None = None) -> None:
        self._model.choose(size, method)

    def _on_custom(self, value: int) -> None:
        self._choose(size=value)

    def _on_named(self, text: str) -> None:
        self._named_by_hand = bool(text.strip())
        self.start.setEnabled(bool(text.strip()))

    def _on_progress(self, done: int, total: int, text: str) -> None:
        self._progress.setRange(0, total)
        self._progress.setValue(done)
        self._step.setText(f"{done} of {total}")
        self._step.setToolTip(text)


class SizeButton(QPushButton):
    """A size with what a native pixel becomes at it."""

    def __init__(self, size: int) -> None:
        super().__init__(str(size))
        self.size_px = size
        self.setCheckable(True)
        theme.set_kind(self, "size")

    def tell(self, words: str) -> None:
        """Show what a native pixel becomes."""
        self.setText(f"{self.size_px}\n{words}")
        self.setAccessibleName(f"{self.size_px} pixels, {words}")
        self.setToolTip(f"{self.size_px} px: a native pixel becomes {words}")
