"""Training setup: what to train on, with which config, what stands in the way, and the form."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.config_form_model import ConfigFormModel
from bespoke_gui.qtmodels.train_work import Choices, TrainingSet
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.config_form import ConfigForm
from bespoke_gui.views.widgets.parts import (
    badge,
    button,
    card,
    column,
    field,
    heading,
    muted,
    row,
    scrolling,
    tool,
)
from bespoke_gui.views.widgets.train_briefing import TrainBriefing

EMBEDDED = "embedded"
FROM_CONFIG = ""


class TrainSetup(QWidget):
    """The left side of the Train panel. It decides nothing: the panel answers its signals."""

    config_chosen = Signal(object)
    set_chosen = Signal()
    save_wanted = Signal()
    revert_wanted = Signal()
    browse_wanted = Signal()
    start_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, form_model: ConfigFormModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form_model = form_model
        self._build()
        form_model.loaded.connect(self._on_config)
        form_model.changed.connect(lambda _: self._on_edit())
        self._on_config()

    # -- choices ----------------------------------------------------------------------------

    def show_choices(self, choices: Choices) -> None:
        """Offer configs and sets, keeping what is chosen where it is still there."""
        _offer(self.configs, [(path.stem, path) for path in choices.configs])
        _offer(self.sets, [(one.title, one) for one in choices.sets])
        self.configs.setEnabled(bool(choices.configs))
        self.sets.setEnabled(bool(choices.sets))

    def config_path(self) -> Path | None:
        """Return the chosen config file."""
        return self.configs.currentData()

    def choose_config(self, path: Path | None) -> None:
        """Show this config as the chosen one."""
        paths = [self.configs.itemData(index) for index in range(self.configs.count())]
        self.configs.setCurrentIndex(paths.index(path) if path in paths else -1)

    def training_set(self) -> TrainingSet | None:
        """Return the chosen set."""
        return self.sets.currentData()

    def base(self) -> str:
        """Return the base model: "" for what the config says, else a name, file or folder."""
        text = self.bases.currentText().strip()
        index = self.bases.findText(text)
        return str(self.bases.itemData(index)) if index >= 0 else text

    def set_base(self, base: str) -> None:
        """Choose a base model that is not in the list."""
        self.bases.setEditText(base)

    # -- starting ---------------------------------------------------------------------------

    def show_start(self, words: str, tip: str, enabled: bool) -> None:
        """Say what the start button does and whether it can be pressed."""
        self.start.setText(words)
        self.start.setToolTip(tip)
        self.start.setEnabled(enabled)

    def show_busy(self, text: str) -> None:
        """Say what is being done before a run can start; "" for nothing."""
        self.busy.setText(text)
        self.busy_row.setVisible(bool(text))

    def take_briefing_back(self) -> None:
        """Put the briefing between the choices and the settings, wherever it was shown."""
        if self._inner.indexOf(self.briefing) < 0:
            self._inner.insertWidget(1, self.briefing)
            self.briefing.show()

    def go_to(self, key: str) -> None:
        """Show the field of an option and put the cursor into it."""
        editor = self.form.editors.get(key)
        if editor is not None:
            editor.widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.scroller.ensureWidgetVisible(editor.widget, 0, 120)

    def _on_config(self) -> None:
        config = self._form_model.config
        named = str(config.get("pretrained_model_name_or_path") or "") if config else ""
        words = f"Config: {named}" if named else "As the config says"
        current = self.base()
        self.bases.clear()
        self.bases.addItem(words, FROM_CONFIG)
        self.bases.addItem("Embedded (192 px, to try things out)", EMBEDDED)
        if current and self.bases.findData(current) < 0:
            self.bases.addItem(current, current)
        self.bases.setCurrentIndex(max(0, self.bases.findData(current)))
        self.bases.setToolTip(self.bases.currentText())
        line = self.bases.lineEdit()
        if line is not None:
            line.setCursorPosition(0)
        self.form_card.setVisible(config is not None)
        self._on_edit()

    def _on_edit(self) -> None:
        dirty = self._form_model.is_dirty
        self.save.setVisible(dirty)
        self.revert.setVisible(dirty)
        self.edited.setVisible(dirty)

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        page = QWidget()
        what, form = self._what_card(), self._form_card()
        self.briefing = TrainBriefing(lambda key: key in self.form.editors)
        self.briefing.chosen.connect(self.go_to)
        inner = self._inner = column(what, self.briefing, form, None, spacing=12)
        inner.setContentsMargins(16, 16, 12, 16)
        page.setLayout(inner)
        self.scroller: QScrollArea = scrolling(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.scroller, 1)
        layout.addWidget(self._foot())

    def _what_card(self) -> QFrame:
        self.configs = _box("Training config")
        self.configs.activated.connect(lambda _: self.config_chosen.emit(self.config_path()))
        self.save = button(
            "Save", "Write the config; its older texts stay in the history", icon="save"
        )
        self.save.clicked.connect(self.save_wanted)
        self.revert = tool("revert", "Throw the edits away")
        self.revert.clicked.connect(self.revert_wanted)
        self.edited = badge("edited", "badge-warning")
        self.sets = _box("Images to train on")
        self.sets.activated.connect(lambda _: self.set_chosen.emit())
        self.bases = _box("Base model")
        self.bases.setEditable(True)
        self.bases.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        browse = tool("folder", "Choose a folder with a base model")
        browse.clicked.connect(self.browse_wanted)
        where = QLabel("This computer, with the built-in LoRA trainer", wordWrap=True)
        body = column(
            row(heading("What to train"), None, self.edited, self.revert, self.save),
            field("Config", self.configs),
            field("Images", self.sets),
            _with_tool("Base model", self.bases, browse),
            field("Where", where),
            spacing=10,
        )
        return card(body, 14)

    def _form_card(self) -> QFrame:
        self.form = ConfigForm(self._form_model)
        self.form_card = card(column(heading("Settings"), self.form), 14)
        return self.form_card

    def _foot(self) -> QFrame:
        self.start = button("Start training", kind="primary", icon="play")
        self.start.setMinimumHeight(38)
        self.start.clicked.connect(self.start_wanted)
        self.busy = muted(wrap=False)
        cancel = button("Cancel", "Stop installing", "ghost")
        cancel.clicked.connect(self.cancel_wanted)
        self.busy_row = QWidget()
        self.busy_row.setLayout(row(self.busy, None, cancel))
        self.busy_row.hide()
        foot = QFrame()
        theme.set_kind(foot, "status")
        inner = column(self.busy_row, self.start, spacing=6)
        inner.setContentsMargins(16, 10, 24, 10)
        foot.setLayout(inner)
        return foot


def _box(name: str) -> QComboBox:
    box = ChoiceBox()
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    return box


def _with_tool(label: str, box: QComboBox, extra: QWidget) -> QVBoxLayout:
    holder = QWidget()
    line = row(box, extra, spacing=4)
    line.setStretch(0, 1)
    holder.setLayout(line)
    return field(label, holder)


def _offer(box: QComboBox, entries: list) -> None:
    current = box.currentData()
    box.blockSignals(True)
    box.clear()
    for words, data in entries:
        box.addItem(words, data)
    index = next((i for i, (_, data) in enumerate(entries) if data == current), 0)
    box.setCurrentIndex(index if entries else -1)
    box.blockSignals(False)
