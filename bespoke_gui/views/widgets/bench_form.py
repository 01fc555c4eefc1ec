"""Bench form: which prompt is tried, on which epochs, how strongly and with which seeds."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPlainTextEdit, QWidget

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.kept_trials import KeptTrial
from bespoke_gui.core.protocol import Protocol
from bespoke_gui.core.runspec import LoraFile
from bespoke_gui.qtmodels import bench_work as work
from bespoke_gui.qtmodels import wording
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.gallery_bar import fill
from bespoke_gui.views.widgets.parts import button, column, field, muted, row, scrolling, text_field
from bespoke_gui.views.widgets.protocol_settings import WordLine

EPOCH = Qt.ItemDataRole.UserRole


class BenchForm(QWidget):
    """source_chosen: its epochs are wanted; files_wanted: LoRA files are to be picked;
    start_wanted: what `wish` says is to be tried."""

    source_chosen = Signal(object)
    files_wanted = Signal()
    start_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._ticked: set[int] | None = None
        self._is_busy = False
        self._build()
        self._connect()
        self.show_count()

    # -- what is wanted ---------------------------------------------------------------------

    @property
    def source(self) -> work.Source | None:
        """The chosen run or LoRA files."""
        return self.sources.currentData()

    @property
    def chosen_epochs(self) -> tuple[int, ...]:
        """The epochs that are ticked."""
        items = (self.epochs.item(place) for place in range(self.epochs.count()))
        ticked = (item for item in items if item.checkState() == Qt.CheckState.Checked)
        return tuple(item.data(EPOCH) for item in ticked)

    def wish(self) -> work.Wish:
        """Return what is to be tried; raises AppError saying what is missing."""
        # One line, as every sampler reads it.
        text = " ".join(self.text.toPlainText().split())
        source, epochs = self.source, self.chosen_epochs
        if source is None:
            raise AppError("There is no run with a checkpoint yet", hint="train, or pick files")
        if not text:
            raise AppError("Write a prompt", hint="what the image should show")
        if not epochs:
            raise AppError("Tick an epoch", hint="the LoRA off is made anyway")
        strengths = work.read_strengths(self.strengths.text())
        seeds = work.read_seeds(self.seeds.text())
        return work.Wish((text,), self.negative.text().strip(), source, epochs, strengths, seeds)

    def show_count(self) -> None:
        """Say how many images will be made, or what is missing."""
        try:
            wish = self.wish()
        except AppError as error:
            words = f"{error.message}: {error.hint}" if error.hint else error.message
            self.start.setEnabled(False)
        else:
            words = f"{wording.count(wish.count, 'image')}, LoRA off among them"
            self.start.setEnabled(not self._is_busy)
        self.count.setText(words)

    # -- what is shown ----------------------------------------------------------------------

    def show_settings(self, protocol: Protocol, fresh: bool) -> None:
        """Say which settings are used; fresh: begin with the protocol's seeds and strength."""
        if fresh:
            self._set_negative(protocol.negative)
            self.seeds.setText(", ".join(map(str, protocol.seeds)))
            self.strengths.setText(f"{protocol.lora_scale:g}")
        self.settings.setText(
            f"Base {protocol.base} · {protocol.width}×{protocol.height} px · "
            f"{wording.count(protocol.steps, 'step')} · guidance {protocol.guidance:g}, "
            "as the protocol says"
        )

    def show_sources(self, sources: Iterable[work.Source], current: work.Source | None) -> None:
        """Offer runs and LoRA files; the same one stays chosen where it can."""
        before = self.source
        wanted = current or before
        fill(self.sources, [(one.title, one) for one in sources], wanted)
        if self.source != before or current is not None:
            self._choose()
        self.show_count()

    def show_epochs(self, loras: Iterable[LoraFile]) -> None:
        """Offer the epochs of the chosen source, all ticked unless others were asked for."""
        self.epochs.clear()
        for lora in loras:
            rate = f"   rate {wording.rate(lora.learning_rate)}" if lora.learning_rate else ""
            item = QListWidgetItem(f"Epoch {lora.epoch}{rate}")
            item.setData(EPOCH, lora.epoch)
            item.setToolTip(lora.path)
            wanted = self._ticked is None or lora.epoch in self._ticked
            item.setCheckState(Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked)
            self.epochs.addItem(item)
        self._ticked = None
        self.show_count()

    def show_trial(self, trial: KeptTrial, source: work.Source, seed: int) -> None:
        """Ask the same again, with one seed."""
        self.text.setPlainText(trial.prompts[0])
        self._set_negative(trial.negative)
        self.strengths.setText(", ".join(f"{level:g}" for level in trial.strengths))
        self.seeds.setText(str(seed))
        self._ticked = set(trial.epochs)
        offered = [self.sources.itemData(place) for place in range(self.sources.count())]
        if source not in offered:
            self.sources.addItem(source.title, source)
            offered.append(source)
        self.sources.setCurrentIndex(offered.index(source))
        self._choose()
        self.text.setFocus()

    def show_busy(self, busy: bool) -> None:
        """Only one trial is made at a time."""
        self._is_busy = busy
        self.show_count()

    def tick_all(self, on: bool) -> None:
        """Tick all epochs, or none."""
        state = Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        for place in range(self.epochs.count()):
            self.epochs.item(place).setCheckState(state)

    def _set_negative(self, words: str) -> None:
        self.negative.setText(words)
        self.negative.setCursorPosition(0)
        self.negative.setToolTip(words)

    def _choose(self) -> None:
        self.epochs.clear()
        if self.source is not None:
            self.source_chosen.emit(self.source)

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.text = QPlainTextEdit()
        self.text.setAccessibleName("Prompt")
        self.text.setPlaceholderText("What the image should show")
        text_field(self.text)
        self.text.setFixedHeight(76)
        self.negative = WordLine("Negative")
        self.sources = ChoiceBox()
        self.sources.setMinimumContentsLength(8)
        self.sources.setPlaceholderText("No run with a checkpoint yet")
        self.files = button("LoRA files…", "Try files from anywhere", "", "open")
        self.epochs = QListWidget()
        self.epochs.setAccessibleName("Epochs")
        self.epochs.setMinimumHeight(96)
        self.all = button("All", "Tick every epoch", "link")
        self.none = button("None", "Tick no epoch", "link")
        self.strengths, self.seeds = WordLine("LoRA strengths"), WordLine("Seeds")
        self.strengths.setToolTip("Several stand side by side: 0.6, 0.8, 1")
        self.seeds.setToolTip("Several stand side by side: 42, 43")
        self.settings, self.count = muted(), muted()
        self.start = button("Try", "Make these images (Ctrl+Return)", "primary", "play")
        whole = column(
            field("Prompt", self.text), field("Negative", self.negative),
            field("Run", self.sources), row(self.files, None, self.all, self.none), self.epochs,
            field("LoRA strengths", self.strengths),
            field("Seeds", self.seeds), spacing=9,
        )  # fmt: skip
        whole.setStretchFactor(self.epochs, 1)
        whole.setContentsMargins(0, 0, 6, 0)
        fields = QWidget()
        fields.setLayout(whole)
        # The button stays in view in a low window, where the fields have to scroll.
        outer = column(scrolling(fields), self.settings, self.count, self.start)
        outer.setStretch(0, 1)
        self.setLayout(outer)

    def _connect(self) -> None:
        self.sources.activated.connect(lambda _: self._choose())
        self.files.clicked.connect(self.files_wanted)
        self.all.clicked.connect(lambda: self.tick_all(True))
        self.none.clicked.connect(lambda: self.tick_all(False))
        self.start.clicked.connect(self.start_wanted)
        self.text.textChanged.connect(self.show_count)
        self.epochs.itemChanged.connect(lambda _: self.show_count())
        for part in (self.negative, self.strengths, self.seeds):
            part.textChanged.connect(lambda _: self.show_count())
