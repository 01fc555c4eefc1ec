"""Run view: one run as it goes on, its stage, figures, curves, checkpoints, pictures and log."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QProgressBar,
    QSplitter,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.events import Event
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.run_desk import state_of
from bespoke_gui.qtmodels.run_model import STATE_TONES, STATE_WORDS, CheckpointModel
from bespoke_gui.qtmodels.run_story import RunStory
from bespoke_gui.qtmodels.run_watcher import RunWatcher
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.epoch_strip import EpochStrip
from bespoke_gui.views.widgets.log_view import LogView
from bespoke_gui.views.widgets.loss_plot import LossPlot
from bespoke_gui.views.widgets.parts import (
    badge,
    button,
    card,
    column,
    figure,
    muted,
    row,
    shortened,
)

REDRAW_MS = 80
BADGES = {"accent": "badge-accent", "good": "badge-good", "danger": "badge-danger",
          "warning": "badge-warning"}  # fmt: skip
TILES = (
    ("epoch", "Epoch"), ("step", "Step"), ("left", "Time left"), ("speed", "Images/s"),
    ("loss", "Loss"), ("rate", "Learning rate"),
)  # fmt: skip


class RunView(QWidget):
    """Follows one run folder. The run does not know of it: closing the view stops nothing."""

    ended = Signal(str)
    control_wanted = Signal(str)
    gallery_wanted = Signal()
    resume_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.run_dir: RunDir | None = None
        self.watcher: RunWatcher | None = None
        self.story = RunStory()
        self.state = ""
        self._generates = False
        self._ladder = ""
        self._redraw = QTimer(self, singleShot=True, interval=REDRAW_MS)
        self._redraw.timeout.connect(self.refresh)
        self._build()
        session.thumbnails.loaded.connect(lambda _: self.pictures.viewport().update())
        self.refresh()

    # -- following a run --------------------------------------------------------------------

    def attach(self, run_dir: RunDir, title: str, generates: bool) -> None:
        """Show a run from its beginning and follow it while it lives."""
        self.detach()
        self.run_dir, self.story, self.state = run_dir, RunStory(), ""
        self._generates, self._ladder = generates, ""
        self.tabs.setTabVisible(0, not generates)
        self.tabs.setCurrentIndex(1 if generates else 0)
        self.title.setText(title)
        self.title.setToolTip(str(run_dir.folder))
        self.watcher = RunWatcher(run_dir, state_of, parent=self)
        self.watcher.events_read.connect(self._on_events)
        self.watcher.state_changed.connect(self._on_state)
        self.watcher.start()
        self.refresh()

    def detach(self) -> None:
        """Stop following; the run goes on."""
        if self.watcher is not None:
            self.watcher.stop()
            self.watcher.deleteLater()
            self.watcher = None

    def show_starting(self, title: str) -> None:
        """Say that a run is being started."""
        self.detach()
        self.run_dir, self.story, self.state = None, RunStory(), "starting"
        self.title.setText(title)
        self.refresh()

    def clear(self) -> None:
        """Show that there is no run."""
        self.detach()
        self.run_dir, self.story, self.state = None, RunStory(), ""
        self.refresh()

    def show_ladder(self, rung: str) -> None:
        """Say how far stopping has come."""
        self._ladder = "" if rung == "ended" else rung
        self.refresh()

    @property
    def is_paused(self) -> bool:
        """Say whether the run was asked to pause."""
        return self.run_dir is not None and self.run_dir.requested("pause")

    def _on_events(self, events: list[Event]) -> None:
        self.story.apply(events)
        if not self._redraw.isActive():
            self._redraw.start()

    def _on_state(self, state: str) -> None:
        self.state = state
        self.refresh()
        if state != "running":
            self._ladder = ""
            self.ended.emit(state)

    # -- showing ----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the story as it is now."""
        story = self.story
        self._show_head()
        self._show_buttons()
        self._show_tiles()
        self.plot.show_curve(story.curve, story.epoch_marks(), story.total)
        self._plot_card.setVisible(not self._generates)
        self.checkpoints.show(story.checkpoints)
        folder = self.run_dir.folder if self.run_dir else None
        if folder is not None:
            self.pictures.show_samples(folder, story.samples)
        self.log.show_story(story)
        self.tabs.setTabText(0, _counted("Checkpoints", len(story.checkpoints)))
        self.tabs.setTabText(1, _counted("Pictures", len(story.samples)))
        self.tabs.setTabText(2, _counted("Log", self._problem_count(), "problem"))

    def _show_head(self) -> None:
        paused = self.state == "running" and self.is_paused
        words = "paused" if paused else STATE_WORDS.get(self.state, "")
        tone = "warning" if paused else STATE_TONES.get(self.state, "accent")
        self.badge.setText(words)
        self.badge.setVisible(bool(words))
        theme.set_kind(self.badge, BADGES[tone])
        self.stage.setText(self._stage_words())
        story = self.story
        running = self.state in ("running", "starting")
        self.progress.setRange(0, story.total if story.total or not running else 0)
        self.progress.setValue(story.step)
        self.progress.setVisible(running or bool(story.total))
        self._show_failure()

    def _stage_words(self) -> str:
        ladder = {
            "asked": "Stopping: the engine saves and ends; after 30 s it is ended by force",
            "terminated": "Stopping: the engine did not answer and is being ended",
            "killed": "Stopping: the engine was ended by force",
        }
        if self._ladder in ladder:
            return ladder[self._ladder]
        if self.state == "starting":
            return "Starting the engine"
        if self.state == "running":
            stage = self.story.stage or "waiting for the engine"
            return stage[:1].upper() + stage[1:]
        spent = self.story.updated - self.story.started
        return f"Took {wording.duration(spent)}" if spent > 0 else ""

    def _show_failure(self) -> None:
        failure = self._failure()
        self.failure.setVisible(bool(failure))
        self.failure_words.setText(failure)

    def _failure(self) -> str:
        if self.state == "lost":
            from bespoke_gui.core.runs import LOST

            return _sentences(LOST["message"], LOST["hint"])
        told = self.story.failure
        if self.state == "failed" and told is None and self.run_dir is not None:
            told = self.run_dir.read_exit()
        if self.state != "failed" or not told:
            return ""
        return _sentences(str(told.get("message") or "it failed"), str(told.get("hint") or ""))

    def _show_buttons(self) -> None:
        running = self.state == "running"
        trains = running and not self._generates
        over = self.state in ("finished", "failed", "cancelled", "lost")
        for one in (self.pause, self.save, self.after_epoch):
            one.setVisible(trains)
        self.stop.setVisible(running)
        self.stop.setText("Cancel" if self._generates else "Stop")
        self.pause.setText("Resume" if self.is_paused else "Pause")
        asked = self.run_dir is not None and self.run_dir.requested("stop_after_epoch")
        self.after_epoch.setText("Stops after this epoch" if asked else "Stop after epoch")
        self.after_epoch.setChecked(asked)
        self.stop.setEnabled(not self._ladder)
        self.gallery.setVisible(over and bool(self.story.checkpoints) and not self._generates)
        can_resume = self.state in ("failed", "cancelled", "lost") and not self._generates
        self.resume.setVisible(can_resume)

    def _show_tiles(self) -> None:
        story = self.story
        running = self.state == "running"
        left = story.remaining_s() if running else None
        speed = story.images_per_s
        values = {
            "epoch": f"{story.epoch} / {story.epochs}" if story.epochs else wording.DASH,
            "step": f"{story.step} / {story.total}" if story.total else wording.DASH,
            "left": wording.duration(left),
            "speed": f"{speed:.1f}" if speed is not None else wording.DASH,
            "loss": f"{story.loss:.4f}" if story.loss is not None else wording.DASH,
            "rate": wording.rate(story.learning_rate),
        }
        for name, label in self.tiles.items():
            label.setText(values[name])
            self.tile_holders[name].setVisible(not self._generates or name in ("step", "left"))
        self.step_name.setText("Pictures" if self._generates else "Step")

    def _problem_count(self) -> int:
        return sum(line.level in ("warning", "error") for line in self.story.log)

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.title = shortened()
        self.title.setFont(theme.font(1.25, bold=True))
        self.badge = badge()
        self.stage = muted(wrap=False)
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName("Progress of the run")
        self._make_buttons()
        self.failure_words = QLabel(wordWrap=True)
        self.failure_words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.failure = QFrame()
        theme.set_kind(self.failure, "notice-error")
        box = QVBoxLayout(self.failure)
        box.setContentsMargins(12, 8, 12, 8)
        box.addWidget(self.failure_words)
        self.plot = LossPlot()
        body = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        plot_card = card(column(self.plot), 8)
        body.addWidget(plot_card)
        body.addWidget(self._make_tabs())
        body.setSizes([300, 340])
        body.setStretchFactor(0, 1)
        body.setStretchFactor(1, 1)
        self._plot_card = plot_card
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        head = row(self.title, self.badge, None, self.pause, self.save, self.after_epoch)
        for one in (self.stop, self.resume, self.gallery):
            head.addWidget(one)
        layout.addLayout(head)
        layout.addWidget(self.stage)
        layout.addWidget(self.progress)
        layout.addWidget(self.failure)
        layout.addLayout(self._make_tiles())
        layout.addWidget(body, 1)

    def _make_buttons(self) -> None:
        self.pause = button("Pause", "Wait after this step; nothing is lost", icon="pause")
        self.pause.clicked.connect(lambda: self._ask("resume" if self.is_paused else "pause"))
        self.save = button("Save now", "Save a checkpoint of this very step", icon="save")
        self.save.clicked.connect(lambda: self._ask("save"))
        self.after_epoch = button("Stop after epoch", "Finish this epoch, save it, then end")
        self.after_epoch.setCheckable(True)
        self.after_epoch.clicked.connect(lambda: self._ask("stop_after_epoch"))
        self.stop = button("Stop", "Save and end now", "danger", "stop")
        self.stop.clicked.connect(lambda: self._ask("stop"))
        self.resume = button("Continue", "Go on from the last saved state", icon="play")
        self.resume.clicked.connect(self.resume_wanted)
        self.gallery = button(
            "Generate gallery", "Make the pictures of every epoch and prompt", "primary", "gallery"
        )
        self.gallery.clicked.connect(self.gallery_wanted)

    def _make_tiles(self) -> QVBoxLayout:
        self.tiles: dict[str, QLabel] = {}
        self.tile_holders: dict[str, QWidget] = {}
        places = []
        for name, words in TILES:
            value = figure(wording.DASH, 1.15)
            value.setAccessibleName(words)
            self.tiles[name] = value
            holder = QWidget()
            label = muted(words, wrap=False)
            holder.setLayout(column(label, value, spacing=0))
            if name == "step":
                self.step_name = label
            places.append(holder)
            self.tile_holders[name] = holder
        line = row(*places, spacing=16)
        for place in range(len(places)):
            line.setStretch(place, 1)
        return column(line)

    def _make_tabs(self) -> QTabWidget:
        self.checkpoints = CheckpointModel(self)
        table = table_view(self.checkpoints, "Checkpoints of the run", (72, 124, 92, 140, 0))
        self.pictures = EpochStrip(self._session.thumbnails.image)
        pictures = QWidget()
        pictures_box = QVBoxLayout(pictures)
        pictures_box.setContentsMargins(0, 8, 0, 0)
        pictures_box.addWidget(self.pictures)
        self.log = LogView()
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.addTab(table, "Checkpoints")
        self.tabs.addTab(pictures, "Pictures")
        self.tabs.addTab(self.log, "Log")
        return self.tabs

    def _ask(self, control: str) -> None:
        self.control_wanted.emit(control)
        self.refresh()


def table_view(model: QAbstractItemModel, name: str, widths: Sequence[int]) -> QTableView:
    """Return a plain table of whole rows; the column of width 0 takes the room that is left."""
    table = QTableView()
    table.setAccessibleName(name)
    table.setModel(model)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(30)
    table.setFrameShape(QFrame.Shape.NoFrame)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setMinimumSectionSize(40)
    for place, width in enumerate(widths):
        if width:
            header.resizeSection(place, width)
        else:
            header.setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch)
    return table


def _sentences(*parts: str) -> str:
    """Return the parts as sentences, each with a capital letter and a full stop."""
    whole = [part.strip().rstrip(".") for part in parts if part.strip()]
    return " ".join(f"{part[:1].upper()}{part[1:]}." for part in whole)


def _counted(word: str, count: int, what: str = "") -> str:
    if not count:
        return word
    return f"{word} ({wording.count(count, what)})" if what else f"{word} ({count})"
