"""Package form: what goes in, under which name, and the one button that makes the zip."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QProgressBar, QSpinBox, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.package_model import PackageModel
from bespoke_gui.qtmodels.package_work import Choice
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import (
    button,
    card,
    column,
    elided,
    field,
    heading,
    muted,
    plain_label,
    row,
)


class PackageForm(QWidget):
    """Chooses set, config and names. `chosen` carries a Choice, or None while one is missing."""

    chosen = Signal(object)
    build_asked = Signal()

    def __init__(
        self, session: Session, model: PackageModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._model = model
        self.source, self.config = ChoiceBox(), ChoiceBox()
        self.config.setPlaceholderText("None yet")
        self.config.setAccessibleName("Training config")
        self.take = button("Take one in…", "Copy a training config into the project", "link")
        self.class_word, self.name = QLineEdit(), QLineEdit()
        self.name.setAccessibleName("Name of the package")
        self.repeats = QSpinBox(minimum=0, maximum=999)
        self.repeats.setSpecialValueText("As in the project")
        self.repeats.setSuffix(" times an epoch")
        self.repeats.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self._apart = muted()
        self._why = muted()
        self._named_by_hand = False
        self.make = button("Build package", kind="primary", icon="package")
        self.stop = button("Cancel")
        self._progress = QProgressBar()
        self._progress.setAccessibleName("Progress")
        self._step = elided(kind="muted")
        self._lay_out()
        self._connect()
        self._set_busy(False)
        self._fill()

    def _lay_out(self) -> None:
        for box in (self.source, self.config):
            box.setMinimumContentsLength(10)
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
        label = plain_label("Training config", wrap=False)
        label.setBuddy(self.config)
        config = column(row(label, None, self.take), self.config, spacing=4)
        inner = column(
            heading("What goes in"),
            field("Set", self.source),
            config,
            field("Class name", self.class_word, "The name in <repeats>_<name> of the folder."),
            field("Repeats", self.repeats),
            self._apart,
            field("Name of the package", self.name),
            None,
            self._why,
            self.make,
            self._progress,
            row(self._step, self.stop),
            spacing=12,
        )
        layout = column(card(inner))
        self.setLayout(layout)

    def _connect(self) -> None:
        model = self._model
        for box in (self.source, self.config):
            box.currentIndexChanged.connect(self._on_chosen)
        self.take.clicked.connect(self._import)
        self.class_word.textChanged.connect(self._on_chosen)
        self.repeats.valueChanged.connect(self._on_chosen)
        self.name.textEdited.connect(self._on_named)
        self.make.clicked.connect(self.build_asked)
        self.stop.clicked.connect(model.cancel)
        model.choices_changed.connect(self._fill)
        model.busy_changed.connect(self._set_busy)
        model.progressed.connect(self._on_progress)
        self.make.setToolTip("Write the zip, read it back and judge it (Ctrl+Return)")
        add_shortcut(self, "Ctrl+Return", "Build the package", self.make.click)

    def choice(self) -> Choice | None:
        """Return what would be packed, None while something is missing."""
        source, config = self.source.currentData(), self.config.currentData()
        name = self.name.text().strip()
        if source is None or config is None or not name:
            return None
        return Choice(source, config, name, self.class_word.text().strip(), self.repeats.value())

    def _fill(self) -> None:
        source, config = self.source.currentText(), self.config.currentText()
        for box in (self.source, self.config):
            box.blockSignals(True)
            box.clear()
        for choice in self._model.sources:
            self.source.addItem(choice.label, choice)
        for path in self._model.configs:
            self.config.addItem(path.stem, path)
        # A set that was just prepared is the one to pack: keep the choice only among the same.
        newest = self._model.sources[0].label if self._model.sources else ""
        self.source.setCurrentIndex(max(0, self.source.findText(newest or source)))
        self.config.setCurrentIndex(max(0, self.config.findText(config)))
        for box in (self.source, self.config):
            box.blockSignals(False)
        self._tell_project()
        self._on_chosen()

    def _tell_project(self) -> None:
        project = self._session.project
        self.class_word.setPlaceholderText(project.name if project else "")
        folders = [folder.name for folder, _ in project.reg_dirs] if project else []
        self._apart.setText(f"Regularisation images go along: {', '.join(folders)}.")
        self._apart.setVisible(bool(folders))

    def _on_chosen(self) -> None:
        config: Path | None = self.config.currentData()
        source = self.source.currentData()
        self.config.setToolTip(str(config or ""))
        if not self._named_by_hand and config is not None and source is not None:
            self.name.setText(f"{config.stem}_{source.folder.name}")
            self.name.setCursorPosition(0)
        self._check()

    def _check(self) -> None:
        why = ""
        if self.config.count() == 0:
            why = "The project has no training config yet: take one in, or make one in Train."
        elif not self.name.text().strip():
            why = "Give the package a name."
        self._why.setText(why)
        self._why.setVisible(bool(why))
        self.make.setEnabled(self.choice() is not None and not self._model.is_busy())
        self.chosen.emit(self.choice())

    def _on_named(self, text: str) -> None:
        self._named_by_hand = bool(text.strip())
        self._check()

    def _import(self) -> None:
        path = self._session.ask.open_file("Training config", "Training configs (*.toml)")
        if path is not None:
            self._model.import_config(path)

    def _set_busy(self, busy: bool) -> None:
        for widget in (self._progress, self._step, self.stop):
            widget.setVisible(busy)
        self._progress.setRange(0, 0)
        self._step.setText("")
        self.make.setEnabled(not busy and self.choice() is not None)

    def _on_progress(self, done: int, total: int, text: str) -> None:
        self._progress.setRange(0, total)
        self._progress.setValue(done)
        left = self._model.time_left(done, total)
        step = text.partition(" ")[0]
        words = f"{step} {done} of {wording.count(total, 'file')}"
        self._step.setText(f"{words}, {left}" if left else words)
        self._step.setToolTip(text)
