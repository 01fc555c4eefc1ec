"""Package pane: set and config into one zip with one click, then whether it would train."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QLineEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.errors import Problem
from bespoke_gui.qtmodels.package_model import PackageModel, Packed
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import icons, theme
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import (
    badge,
    button,
    card,
    column,
    field,
    heading,
    line,
    muted,
    row,
    scrolling,
    tool,
)

_ORDER = {"error": 0, "warning": 1, "info": 2}


class PackagePane(QWidget):
    """Chooses set, config and name, builds the zip and shows the verdict line by line."""

    def __init__(
        self, session: Session, model: PackageModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._model = model
        self.source, self.config = ChoiceBox(), ChoiceBox()
        self.config.setPlaceholderText("None yet")
        for box in (self.source, self.config):
            box.setMinimumContentsLength(12)
            policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            box.setSizeAdjustPolicy(policy)
            box.currentIndexChanged.connect(self._on_chosen)
        self.take = tool("folder", "Take a training config into the project…")
        self.take.clicked.connect(self._import)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the package")
        self._named_by_hand = False
        self.name.textEdited.connect(self._on_named)
        self.make = button("Build package", kind="primary", icon="package")
        self.make.clicked.connect(self._build)
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setAccessibleName("Building")
        self._why = muted()
        self.result = PackageResult()
        config = QWidget()
        chooser = row(self.config, self.take)
        chooser.setStretch(0, 1)
        config.setLayout(chooser)
        config.setFocusProxy(self.config)
        self.config.setAccessibleName("Training config")
        inner = column(
            heading("Package"),
            muted("One zip with images, captions and config, checked as a trainer would read it."),
            field("Set", self.source),
            field("Training config", config),
            field("Name", self.name),
            self._why,
            self.make,
            self._progress,
            line(),
            spacing=12,
        )
        inner.addWidget(self.result, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(inner, 16))
        model.choices_changed.connect(self._fill)
        model.busy_changed.connect(self._set_busy)
        model.built.connect(self.result.show_package)
        self._set_busy(False)
        self._fill()

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
        self._on_chosen()

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
        self.make.setEnabled(not why and self.source.count() > 0)

    def _on_named(self, text: str) -> None:
        self._named_by_hand = bool(text.strip())
        self._check()

    def _build(self) -> None:
        self._model.build(
            self.source.currentData(), self.config.currentData(), self.name.text().strip()
        )

    def _import(self) -> None:
        path = self._session.ask.open_file("Training config", "Training configs (*.toml)")
        if path is not None:
            self._model.import_config(path)

    def _set_busy(self, busy: bool) -> None:
        self._progress.setVisible(busy)
        self.make.setEnabled(not busy and self.config.count() > 0)


class PackageResult(QWidget):
    """The verdict on a package: what is in it, then every finding with what to do."""

    def __init__(self) -> None:
        super().__init__()
        self._verdict = badge()
        self._name = heading("", 1.0)
        self._name.setWordWrap(True)
        self._facts = muted()
        self._facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lines = QVBoxLayout()
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(8)
        self._page = QWidget()
        self._page.setLayout(self._lines)
        layout = column(row(self._verdict, None), self._name, self._facts, spacing=4)
        layout.addWidget(scrolling(self._page), 1)
        self.setLayout(layout)
        self._verdict.hide()
        self._facts.setText("Nothing built yet.")

    def show_package(self, packed: Packed) -> None:
        """Show what was built and what verifying it found."""
        self._verdict.setText("Would train" if packed.ok else "Would not train")
        theme.set_kind(self._verdict, "badge-good" if packed.ok else "badge-danger")
        self._name.setText(packed.path.name)
        self._facts.setText(
            f"{packed.images} images, {packed.captions} captions, {packed.bytes / 1e6:.2f} MB\n"
            f"SHA-256 {packed.sha256[:16]}…"
        )
        self._facts.setToolTip(f"{packed.path}\n{packed.sha256}")
        self._empty()
        for problem in sorted(packed.problems, key=lambda p: _ORDER.get(p.severity, 3)):
            self._lines.addWidget(FindingLine(problem.severity, problem.message, told(problem)))
        if not packed.problems:
            self._lines.addWidget(FindingLine("good", "Nothing to remark.", ""))
        self._lines.addStretch(1)
        self._verdict.show()

    def lines(self) -> list[str]:
        """Return the words of every line that is shown."""
        return [line.words for line in self._page.findChildren(FindingLine)]

    def _empty(self) -> None:
        while (item := self._lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                # Hidden first: Qt shows what a layout took a moment later, by then as a window.
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()


class FindingLine(QWidget):
    """One finding with its sign, its words, and what to do about it."""

    _SIGNS = {"error": "error", "warning": "warning", "good": "check"}
    _INKS = {"error": "danger", "warning": "warning", "good": "good"}

    def __init__(self, severity: str, words: str, hint: str) -> None:
        super().__init__()
        self.words = words
        self._severity = severity
        self._sign = QLabel()
        self._sign.setFixedSize(16, 18)
        text = column(QLabel(f"{words[:1].upper()}{words[1:]}", wordWrap=True), spacing=0)
        if hint:
            text.addWidget(muted(hint))
        layout = row(self._sign)
        layout.setAlignment(self._sign, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(text, 1)
        self.setLayout(layout)
        self._draw_sign()

    def changeEvent(self, event) -> None:
        if event.type() == event.Type.PaletteChange:
            self._draw_sign()
        super().changeEvent(event)

    def _draw_sign(self) -> None:
        ink = getattr(theme.tokens(), self._INKS.get(self._severity, "accent_text"))
        name = self._SIGNS.get(self._severity, "info")
        ratio = self.devicePixelRatioF()
        self._sign.setPixmap(icons.pixmap(name, ink, 16, ratio))


def told(problem: Problem) -> str:
    """Return the quiet line below a finding: which file, and what to do."""
    file = PurePosixPath(problem.file).name
    return " · ".join(part for part in (file, problem.hint) if part)
