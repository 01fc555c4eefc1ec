"""Training setup: what to train on, with which config, and what that config says in short."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.config.fixes import Fix, fix_for
from bespoke_gui.core.errors import Problem
from bespoke_gui.qtmodels.config_desk import ConfigDesk
from bespoke_gui.qtmodels.config_summary import summary
from bespoke_gui.qtmodels.place_desk import PlaceDesk
from bespoke_gui.qtmodels.place_steps import Step, steps_for
from bespoke_gui.qtmodels.place_work import LOCAL
from bespoke_gui.qtmodels.train_work import Choices, TrainingSet
from bespoke_gui.qtmodels.trainer_check import KOHYA, Trainer
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import (
    badge,
    button,
    card,
    column,
    elided,
    field,
    heading,
    muted,
    row,
    scrolling,
    tool,
)
from bespoke_gui.views.widgets.train_briefing import TrainBriefing
from bespoke_gui.views.widgets.where_card import WhereCard

EMBEDDED = "embedded"
FROM_CONFIG = ""
LORA = "lora"


class TrainSetup(QWidget):
    """The left side of the Train panel. It decides nothing: the panel answers its signals."""

    config_chosen = Signal(object)
    set_chosen = Signal()
    trainer_chosen = Signal()
    save_wanted = Signal()
    edit_wanted = Signal(str)
    browse_wanted = Signal()
    checkout_wanted = Signal()
    start_wanted = Signal()
    queue_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, desk: ConfigDesk, places: PlaceDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._places = desk, places
        self._known: list[str] = []
        self._build()
        desk.opened.connect(self._on_config)
        desk.edited.connect(self._on_config)
        desk.listed.connect(self._on_listed)
        self._on_config()

    # -- choices ----------------------------------------------------------------------------

    def show_choices(self, choices: Choices) -> None:
        """Offer sets, keeping what is chosen where it is still there."""
        _offer(self.sets, [(one.title, one) for one in choices.sets])
        self.sets.setEnabled(bool(choices.sets))
        if choices.bases != self._known:
            self._known = list(choices.bases)
            self._offer_bases(self.bases.itemText(0))

    def config_path(self) -> Path | None:
        """Return the chosen config file."""
        return self.configs.currentData()

    def training_set(self) -> TrainingSet | None:
        """Return the chosen set."""
        return self.sets.currentData()

    def base(self) -> str:
        """Return the base model: "" for what the config says, else a name, file or folder."""
        text = self.bases.currentText().strip()
        index = self.bases.findText(text)
        return str(self.bases.itemData(index)) if index >= 0 else text

    def engine(self) -> str:
        """Return the engine that trains: "lora" (our own) or "kohya" (sd-scripts)."""
        return str(self.trainers.currentData())

    def show_checkout(self, folder: str, chosen: bool = False) -> None:
        """Offer an sd-scripts checkout, "" for none known; `chosen`: train with it."""
        current = KOHYA if chosen else (self.trainers.currentData() or LORA)
        self.trainers.clear()
        self.trainers.addItem("Built-in LoRA trainer", LORA)
        if folder:
            self.trainers.addItem(f"sd-scripts ({Path(folder).name})", KOHYA)
            self.trainers.setItemData(1, folder, Qt.ItemDataRole.ToolTipRole)
        self.trainers.setCurrentIndex(max(0, self.trainers.findData(current)))

    def set_base(self, base: str) -> None:
        """Choose a base model that is not in the list."""
        self.bases.setEditText(base)

    def trainer(self) -> Trainer:
        """Return what would train."""
        places, project = self._places, self._desk.session.project
        here = places.backend == LOCAL
        runs = str(project.runs_dir.parent) if project else ""
        return Trainer(self.engine(), self.base(), places.checkout if here else "", here, runs)

    def choose_trainer(self, engine: str) -> None:
        """Choose a trainer that is in the list."""
        self.trainers.setCurrentIndex(max(0, self.trainers.findData(engine)))
        self.trainer_chosen.emit()

    def _fix_for(self, problem: Problem) -> Fix | None:
        config = self._desk.config
        return fix_for(problem, config) if config else None

    def _steps_for(self, problem: Problem) -> Sequence[Step]:
        config = self._desk.config
        return steps_for(problem, self._places, config.values if config else {})

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
            self._inner.insertWidget(2, self.briefing)
            self.briefing.show()

    def _on_config(self) -> None:
        config = self._desk.config
        named = str(config.get("pretrained_model_name_or_path") or "") if config else ""
        words = f"Config: {named}" if named else "As the config says"
        if words != self.bases.itemText(0):
            self._offer_bases(words)
        self.settings_card.setVisible(config is not None)
        if config is not None:
            self._show_settings(summary(config.values))
        self._on_listed()

    def _offer_bases(self, words: str) -> None:
        current = self.base()
        self.bases.clear()
        self.bases.addItem(words, FROM_CONFIG)
        self.bases.addItem("Embedded (192 px, to try things out)", EMBEDDED)
        for name in self._known:
            self.bases.addItem(name, name)
        if current and self.bases.findData(current) < 0:
            self.bases.addItem(current, current)
        self.bases.setCurrentIndex(max(0, self.bases.findData(current)))
        self.bases.setToolTip(self.bases.currentText())
        line = self.bases.lineEdit()
        if line is not None:
            line.setCursorPosition(0)

    def _show_settings(self, rows: list[tuple[str, str]]) -> None:
        while (item := self.settings.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for number, (words, value) in enumerate(rows):
            self.settings.addWidget(muted(words, wrap=False), number, 0)
            self.settings.addWidget(elided(value), number, 1)

    def _on_listed(self) -> None:
        desk = self._desk
        _offer(self.configs, [(path.stem, path) for path in desk.paths])
        self.configs.setEnabled(bool(desk.paths))
        index = desk.paths.index(desk.chosen) if desk.chosen in desk.paths else -1
        self.configs.setCurrentIndex(index)
        unsaved = desk.document is not None and desk.document.unsaved
        self.save.setVisible(unsaved)
        self.edited.setVisible(unsaved)

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        page = QWidget()
        what, settings = self._what_card(), self._settings_card()
        self.where = WhereCard(self._places)
        self.briefing = TrainBriefing(lambda key: True, self._fix_for, self._steps_for)
        self.briefing.chosen.connect(self.edit_wanted)
        self.briefing.fix_wanted.connect(self._desk.fix)
        inner = self._inner = column(what, self.where, self.briefing, settings, None, spacing=12)
        inner.setContentsMargins(12, 8, 12, 16)
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
        self.edited = badge("edited", "badge-warning")
        self.sets = _box("Images to train on")
        self.sets.activated.connect(lambda _: self.set_chosen.emit())
        self.bases = _box("Base model")
        self.bases.setEditable(True)
        self.bases.editTextChanged.connect(lambda _: self.trainer_chosen.emit())
        self.bases.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        browse = tool("folder", "Choose a folder with a base model")
        browse.clicked.connect(self.browse_wanted)
        self.trainers = _box("Trainer")
        self.trainers.activated.connect(lambda _: self.trainer_chosen.emit())
        self.checkout = tool("folder", "Choose a folder with kohya's sd-scripts")
        self.checkout.clicked.connect(self.checkout_wanted)
        self.show_checkout("")
        body = column(
            row(heading("What to train"), None, self.edited, self.save),
            field("Config", self.configs),
            field("Images", self.sets),
            _with_tool("Base model", self.bases, browse),
            _with_tool("Trainer", self.trainers, self.checkout),
            spacing=10,
        )
        return card(body, 14)

    def _settings_card(self) -> QFrame:
        edit = button("Edit", "Open the config as form or text (Alt+2)", icon="edit")
        edit.clicked.connect(lambda: self.edit_wanted.emit(""))
        self.settings = QGridLayout()
        self.settings.setHorizontalSpacing(16)
        self.settings.setVerticalSpacing(4)
        self.settings.setColumnStretch(1, 1)
        body = column(row(heading("Settings"), None, edit), self.settings)
        self.settings_card = card(body, 14)
        return self.settings_card

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
        theme.set_kind(foot, "foot")
        self.queue = button("Queue", "Add to queue: it starts when its machine is free", "", "add")
        self.queue.setMinimumHeight(38)
        self.queue.clicked.connect(self.queue_wanted)
        starting = row(self.start, self.queue, spacing=6)
        starting.setStretch(0, 1)
        inner = column(self.busy_row, starting, spacing=6)
        bar = self.scroller.verticalScrollBar()

        def line_up(_: int = 0, highest: int = 0) -> None:
            # The button ends where the cards above it end, beside the scroll bar.
            inner.setContentsMargins(12, 8, 12 + bar.sizeHint().width() * (highest > 0), 12)

        line_up()
        bar.rangeChanged.connect(line_up)
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
