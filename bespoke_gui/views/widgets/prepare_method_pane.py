"""Method pane: the resize methods, each with the colours it makes of the user's own images."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QLabel, QRadioButton, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.prepare_model import PrepareModel
from bespoke_gui.qtmodels.prepare_preview import SAMPLE, Method
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import badge, column, heading, muted, row

LOUD = 1.02


class PrepareMethodPane(QWidget):
    """One line a method; the badge counts colours before and after on images of the set."""

    def __init__(self, model: PrepareModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.methods: dict[str, QRadioButton] = {}
        self.badges: dict[str, QLabel] = {}
        self._hints: dict[str, QLabel] = {}
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        self._group = QButtonGroup(self)
        self.setLayout(column(heading("Method", 1.0), self._lines, spacing=4))
        model.methods_loaded.connect(self._add)
        model.sampled.connect(self.show_colours)
        model.settings_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show the model's method, and explain that one."""
        chosen = self._model.settings.method
        if chosen in self.methods:
            self.methods[chosen].setChecked(True)
        for name, hint in self._hints.items():
            hint.setVisible(name == chosen)

    def show_colours(self, method: str, drawn: float, after: float) -> None:
        """Show what a method makes of the colours that were drawn."""
        label = self.badges.get(method)
        if label is None:
            return
        more = after > drawn * LOUD
        label.setText(f"{drawn:,.0f} → {after:,.0f} colours" if more else "no new colours")
        theme.set_kind(label, "badge-danger" if more else "badge-good")
        label.setToolTip(
            f"{drawn:,.1f} colours an image as drawn, {after:,.1f} after: the mean of up to "
            f"{SAMPLE} of your images at {self._model.settings.size} px"
        )
        label.show()

    def _add(self, methods: list[Method]) -> None:
        for method in methods:
            choice = QRadioButton(method.title)
            choice.setToolTip(method.hint)
            choice.setAccessibleDescription(method.hint)
            choice.clicked.connect(lambda _=False, name=method.name: self._choose(name))
            self._group.addButton(choice)
            self.methods[method.name] = choice
            self.badges[method.name] = badge()
            self.badges[method.name].hide()
            hint = muted(method.hint)
            hint.setContentsMargins(24, 0, 0, 4)
            self._hints[method.name] = hint
            head = row(choice, None, self.badges[method.name])
            self._lines.addLayout(column(head, hint, spacing=0))
        self.refresh()

    def _choose(self, name: str) -> None:
        self._model.choose(method=name)
