"""Run view: one run as it goes on, its stage, figures, curves, checkpoints, pictures and log."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractItemModel, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QFrame,
    QHeaderView,
    QProgressBar,
    QSplitter,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.events import Event
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.qtmodels import run_place, wording
from bespoke_gui.qtmodels.run_desk import state_of
from bespoke_gui.qtmodels.run_model import STATE_TONES, STATE_WORDS, CheckpointModel
from bespoke_gui.qtmodels.run_story import RunStory
from bespoke_gui.qtmodels.run_watcher import RunWatcher
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task
from bespoke_gui.views import theme
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.epoch_strip import EpochStrip
from bespoke_gui.views.widgets.log_view import LogView
from bespoke_gui.views.widgets.loss_plot import LossPlot
from bespoke_gui.views.widgets.parts import (
    badge,
    button,
    card,
    column,
    elided,
    plain_label,
    row,
    shortened,
)
from bespoke_gui.views.widgets.run_controls import ENDED, RunControls
from bespoke_gui.views.widgets.run_tiles import RunTiles

# A redraw follows an event after REDRAW_MS; after one that took long comes a rest REST times as
# long, for painting and for the person.
REDRAW_MS = 25
LONGEST_REDRAW_MS = 400
REST = 8
CLOCK_MS = 1000
SETTLE_MS = 2000
NARROW, LOW = 700, 620
SHA_COLUMN, WHERE_COLUMN, LOSS_COLUMN = 3, 5, 6
PICTURES, LOG = 1, 2
BADGES = {"accent": "badge-accent", "good": "badge-good", "danger": "badge-danger",
          "warning": "badge-warning"}  # fmt: skip
LADDER = {
    "asked": "Stopping: the engine saves and ends; after 30 s it is ended by force",
    "terminated": "Stopping: the engine did not answer and is being ended",
    "killed": "Stopping: the engine was ended by force",
}


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
        self.job: dict[str, Any] = {}
        self._coming: dict[str, int] = {}
        self._generates = False
        self._ladder = ""
        self._redraw = QTimer(self, singleShot=True, interval=REDRAW_MS)
        self._redraw.timeout.connect(self._on_redraw)
        self._clock = QTimer(self, interval=CLOCK_MS)
        self._clock.timeout.connect(self._on_clock)
        self._settle = QTimer(self, interval=SETTLE_MS)
        self._settle.timeout.connect(self._read_job)
        self._build()
        session.thumbnails.loaded.connect(lambda _: self.pictures.viewport().update())
        self.refresh()

    # -- following a run --------------------------------------------------------------------

    def attach(self, run_dir: RunDir, title: str, generates: bool) -> None:
        """Show a run from its beginning and follow it while it lives."""
        self._begin(run_dir, "", title)
        self._generates = generates
        self.tabs.setTabVisible(0, not generates)
        self.tabs.setCurrentIndex(PICTURES if generates else 0)
        self.title.setToolTip(str(run_dir.folder))
        self.watcher = RunWatcher(run_dir, state_of, parent=self)
        self.watcher.events_read.connect(self._on_events)
        self.watcher.job_read.connect(self._on_job)
        self.watcher.coming_read.connect(self._on_coming)
        self.watcher.state_changed.connect(self._on_state)
        self.watcher.start()
        self._clock.start()

    def detach(self) -> None:
        """Stop following; the run goes on."""
        self._clock.stop()
        self._settle.stop()
        if self.watcher is not None:
            self.watcher.stop()
            self.watcher.deleteLater()
            self.watcher = None

    def show_starting(self, title: str) -> None:
        """Say that a run is being started."""
        self._begin(None, "starting", title)

    def clear(self) -> None:
        """Show that there is no run."""
        self._begin(None, "", "")

    def show_ladder(self, rung: str) -> None:
        """Say how far stopping has come."""
        self._ladder = "" if rung == "ended" else rung
        self.refresh()

    @property
    def is_paused(self) -> bool:
        """Say whether the run was asked to pause."""
        return self.run_dir is not None and self.run_dir.requested("pause")

    def _begin(self, run_dir: RunDir | None, state: str, title: str) -> None:
        self.detach()
        self.run_dir, self.story, self.state = run_dir, RunStory(), state
        self.job, self._coming, self._ladder = {}, {}, ""
        self.title.setText(title)
        self.refresh()

    def _on_events(self, events: list[Event]) -> None:
        self.story.apply(events)
        self._forget_pictures(events)
        if not self._redraw.isActive():
            self._redraw.start()

    def _forget_pictures(self, events: Iterable[Event]) -> None:
        """A picture was made anew or has only now arrived: what was read of its file is old."""
        folder = self.run_dir.folder if self.run_dir else Path()
        changed = [event.get("path") for event in events if event.event in ("sample", "fetched")]
        paths = [folder / path for path in changed if isinstance(path, str)]
        if paths:
            self._session.thumbnails.forget(paths)

    def _on_job(self, job: dict[str, Any]) -> None:
        self.job = job
        self.refresh()

    def _read_job(self) -> None:
        run_dir = self.run_dir
        if run_dir is None:
            return

        def done(job: dict[str, Any] | None) -> None:
            if run_dir is self.run_dir and job is not None and job != self.job:
                self._on_job(job)

        run_task(run_dir.read_job, done, parent=self)

    def _on_coming(self, coming: dict[str, int]) -> None:
        self._coming = coming
        self._show_checkpoints()

    def _on_state(self, state: str) -> None:
        self.state = state
        if state != "running":
            self._ladder = ""
            self._clock.stop()
        self.refresh()
        if state != "running":
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
        self._show_checkpoints()
        folder = self.run_dir.folder if self.run_dir else None
        if folder is not None:
            self.pictures.show_samples(folder, story.samples)
        self.log.show_story(story)
        self._name_tabs()

    def _on_redraw(self) -> None:
        began = time.perf_counter()
        self.refresh()
        spent = 1000 * (time.perf_counter() - began)
        # A flood of events must leave the window time for the person.
        self._redraw.setInterval(round(min(LONGEST_REDRAW_MS, max(REDRAW_MS, REST * spent))))

    def _on_clock(self) -> None:
        """Show what changes with time alone: the cost, and how long a link has been down."""
        self._show_place()
        self._show_tiles()

    def _name_tabs(self) -> None:
        names = (
            _counted("Checkpoints", len(self.story.checkpoints)),
            _counted("Pictures", len(self.story.samples)),
            _counted("Log", self.story.problems, "problem"),
        )
        for place, name in enumerate(names):
            if self.tabs.tabText(place) != name:
                self.tabs.setTabText(place, name)

    def _show_head(self) -> None:
        paused = self.state == "running" and self.is_paused
        words = "paused" if paused else STATE_WORDS.get(self.state, "")
        tone = "warning" if paused else STATE_TONES.get(self.state, "accent")
        self.badge.setText(words)
        self.badge.setVisible(bool(words))
        theme.set_kind(self.badge, BADGES[tone])
        self.stage.setText(self._stage_words())
        self.stage.setToolTip(self.stage.text())
        story = self.story
        running = self.state in ("running", "starting")
        self.progress.setRange(0, story.total if story.total or not running else 0)
        self.progress.setValue(story.step)
        self.progress.setVisible(running)
        self._show_place()
        self._show_failure()

    def _show_place(self) -> None:
        place = run_place.place_of(self.job, self.story.device, time.time())
        self.place.setText(place.words if self.job else "")
        self.place.setToolTip(place.tip)
        link = place.link if self.state == "running" else ""
        self.link.setText(link)
        self.link.setVisible(bool(link))
        self.link.setToolTip("The run goes on there; nothing is lost while the connection is down")

    def _stage_words(self) -> str:
        if self._ladder in LADDER:
            return LADDER[self._ladder]
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
        asked = self.run_dir is not None and self.run_dir.requested("stop_after_epoch")
        self.controls.show_run(self.state, self._generates, self.is_paused, asked)
        self.stop.setEnabled(not self._ladder)
        can_generate = self.state in ENDED and bool(self.story.checkpoints)
        self.controls.offer_gallery(can_generate and not self._generates)

    def _show_tiles(self) -> None:
        story, speed = self.story, self.story.images_per_s
        running = self.state == "running"
        values = {
            "step": f"{story.step} / {story.total}" if story.total else wording.DASH,
            "left": wording.duration(story.remaining_s() if running else None),
        }
        low = self.height() < LOW and self.state in ENDED
        if low:
            # What is said of the end needs the room; the loss of the end is in the curve.
            del values["left"]
        elif not self._generates:
            values |= {
                "speed": f"{speed:.1f}" if speed is not None else wording.DASH,
                "loss": f"{story.loss:.4f}" if story.loss is not None else wording.DASH,
                "rate": wording.rate(story.learning_rate),
            }
        if not self._generates:
            values["epoch"] = f"{story.epoch} / {story.epochs}" if story.epochs else wording.DASH
        if running and story.gpu is not None:
            values["gpu"] = run_place.gpu_words(story.gpu)
            self.tiles_box.set_tip("gpu", run_place.memory_words(story.gpu))
        ended = 0.0 if running or self.state == "starting" else story.updated
        self._show_rent()
        cost = run_place.cost_of(self.job, time.time(), ended)
        if cost is not None:
            values["cost"] = cost.words
            self.tiles_box.set_tip("cost", cost.tip, "warning" if cost.near_cap else "")
        self.tiles_box.show_values(values)
        self.tiles_box.rename("step", "Pictures" if self._generates else "Step")

    def _show_rent(self) -> None:
        """A run that is over and a machine that still costs money: say so, and offer the end.

        Also one that nobody follows any more."""
        is_over = self.state in ENDED
        lost = "" if is_over else str(self.job.get("courier_trouble") or "")
        words = run_place.left_over(self.job) if is_over else lost
        self.rent.setVisible(bool(words))
        if bool(words) != self._settle.isActive():
            # A machine may be given back, and files may come, after the run has ended.
            self._settle.start() if words else self._settle.stop()
        self.rent_words.setText(words)
        self.follow.setVisible(bool(lost))
        self.fetch.setVisible(bool(self.job.get("missing")) and is_over)
        self.release.setVisible(run_place.bills(self.job))

    def _show_checkpoints(self) -> None:
        story = self.story
        self.checkpoints.show(story.checkpoints)
        remote = run_place.is_remote(self.job)
        self.checkpoint_table.setColumnHidden(WHERE_COLUMN, not remote)
        self.checkpoint_table.setColumnHidden(LOSS_COLUMN, not story.held_out_losses)
        states = {
            one.path: run_place.file_state(one, story, self._coming)
            for one in (story.checkpoints if remote else ())
        }
        self.checkpoints.show_states(states)

    # -- room -------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        self.checkpoint_table.setColumnHidden(SHA_COLUMN, narrow)
        self.controls.show_narrow(narrow)
        direction = QBoxLayout.Direction.BottomToTop if narrow else QBoxLayout.Direction.LeftToRight
        self._orders.setDirection(direction)
        if event.oldSize().height() != event.size().height():
            self._show_tiles()

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.title = shortened()
        self.title.setFont(theme.font(1.25, bold=True))
        self.badge = badge()
        self.place = elided(kind="muted")
        self.place.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.link = badge(kind="badge-warning")
        self.stage = elided(kind="muted")
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName("Progress of the run")
        self._make_controls()
        self.failure_words = plain_label()
        self.failure_words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.failure = QFrame()
        theme.set_kind(self.failure, "notice-error")
        box = QVBoxLayout(self.failure)
        box.setContentsMargins(12, 8, 12, 8)
        box.addWidget(self.failure_words)
        self._make_rent()
        self.tiles_box = RunTiles()
        self.tiles = self.tiles_box.values
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
        layout.setSpacing(8)
        head = row(self.title, self.badge, self.place, self.link)
        head.setStretch(2, 1)
        layout.addLayout(head)
        self._orders = row(self.stage, self.controls)
        self._orders.setStretch(0, 1)
        layout.addLayout(self._orders)
        layout.addWidget(self.progress)
        layout.addWidget(self.failure)
        layout.addWidget(self.rent)
        layout.addWidget(self.tiles_box)
        layout.addWidget(body, 1)
        add_shortcut(self, "Ctrl+F", "Search the log", self.search_log)

    def search_log(self) -> None:
        """Show the log and let the person type what to look for."""
        self.tabs.setCurrentIndex(LOG)
        self.log.focus_search()

    def _make_rent(self) -> None:
        self.rent_words = plain_label()
        self.fetch = button("Fetch what is missing", "Try again to bring every file here")
        self.fetch.clicked.connect(lambda: self._ask("fetch"))
        self.follow = button("Follow it again", "Start the program that follows this run once more")
        self.follow.clicked.connect(lambda: self._ask("follow"))
        self.release = button("Give it back…", "End the machine; it costs no more then", "danger")
        self.release.clicked.connect(lambda: self._ask("release"))
        self.rent = QFrame()
        theme.set_kind(self.rent, "notice-warning")
        line = row(self.rent_words, self.follow, self.fetch, self.release)
        line.setStretch(0, 1)
        line.setContentsMargins(12, 8, 12, 8)
        self.rent.setLayout(line)

    def _make_controls(self) -> None:
        self.controls = controls = RunControls()
        controls.asked.connect(self._ask)
        controls.resume_wanted.connect(self.resume_wanted)
        controls.gallery_wanted.connect(self.gallery_wanted)
        self.pause, self.save, self.sample = controls.pause, controls.save, controls.sample
        self.after_epoch, self.stop = controls.after_epoch, controls.stop
        self.resume, self.gallery = controls.resume, controls.gallery

    def _make_tabs(self) -> QTabWidget:
        self.checkpoints = CheckpointModel(self)
        widths = (60, 104, 80, 124, 0, 132, 104)
        table = table_view(self.checkpoints, "Checkpoints of the run", widths)
        table.setTextElideMode(Qt.TextElideMode.ElideLeft)
        table.setColumnHidden(WHERE_COLUMN, True)
        table.setColumnHidden(LOSS_COLUMN, True)
        # It stands beside the learning rate, as in the gallery.
        table.horizontalHeader().moveSection(LOSS_COLUMN, 2)
        self.checkpoint_table = table
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
