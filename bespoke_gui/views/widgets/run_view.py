"""Run view: one run as it goes on, its stage, figures, curves, checkpoints, pictures and log."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QTabWidget, QVBoxLayout, QWidget

from bespoke_gui.core.events import Event
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.qtmodels import run_figures, run_place, wording
from bespoke_gui.qtmodels.run_desk import state_of
from bespoke_gui.qtmodels.run_story import RunStory
from bespoke_gui.qtmodels.run_watcher import RunWatcher
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.checkpoint_table import CheckpointTable
from bespoke_gui.views.widgets.epoch_strip import EpochStrip
from bespoke_gui.views.widgets.log_view import LogView
from bespoke_gui.views.widgets.loss_plot import LossPlot
from bespoke_gui.views.widgets.parts import card, column
from bespoke_gui.views.widgets.rent_notice import RentNotice
from bespoke_gui.views.widgets.run_controls import ENDED
from bespoke_gui.views.widgets.run_head import RunHead
from bespoke_gui.views.widgets.run_tiles import RunTiles

# A redraw follows an event after REDRAW_MS; after one that took long comes a rest REST times as
# long, for painting and for the person.
REDRAW_MS = 25
LONGEST_REDRAW_MS = 400
REST = 8
CLOCK_MS = 1000
SETTLE_MS = 2000
NARROW, LOW = 700, 620
PICTURES, LOG = 1, 2


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
        self.head.title.setToolTip(str(run_dir.folder))
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
        self.log.show_file(run_dir.log_path if run_dir else None)
        self.head.title.setText(title)
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
        self.files.show_story(self.story, self.job, coming)

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
        self._show_figures()
        self.plot.show_curve(story.curve, story.epoch_marks(), story.total)
        self._plot_card.setVisible(not self._generates)
        self.files.show_story(story, self.job, self._coming)
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
        self._show_figures()

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
        state, story = self.state, self.story
        self.head.show_state(state, state == "running" and self.is_paused)
        self.head.show_stage(run_figures.stage_words(story, state, self._ladder))
        self.head.show_progress(story, state in ("running", "starting"))
        self._show_place()
        is_silent = state == "failed" and story.failure is None
        written = self.run_dir.read_exit() if self.run_dir and is_silent else None
        self.head.show_failure(run_figures.failure_words(story, state, written))

    def _show_place(self) -> None:
        place = run_place.place_of(self.job, self.story.device, time.time())
        self.head.show_place(place if self.job else None, self.state == "running")

    def _show_buttons(self) -> None:
        controls = self.head.controls
        asked = self.run_dir is not None and self.run_dir.requested("stop_after_epoch")
        controls.show_run(self.state, self._generates, self.is_paused, asked)
        controls.stop.setEnabled(not self._ladder)
        can_generate = self.state in ENDED and bool(self.story.checkpoints)
        controls.offer_gallery(can_generate and not self._generates)

    def _show_figures(self) -> None:
        story, state = self.story, self.state
        # What is said of the end needs the room; the loss of the end is in the curve.
        is_short = self.height() < LOW and state in ENDED
        values = run_figures.figures(story, state, self._generates, is_short)
        if "gpu" in values:
            self.tiles_box.set_tip("gpu", run_place.memory_words(story.gpu))
        ended = 0.0 if state in ("running", "starting") else story.updated
        cost = run_place.cost_of(self.job, time.time(), ended)
        if cost is not None:
            values["cost"] = cost.words
            self.tiles_box.set_tip("cost", cost.tip, "warning" if cost.near_cap else "")
        self.tiles_box.show_values(values)
        self.tiles_box.rename("step", "Pictures" if self._generates else "Step")
        self._show_rent()

    def _show_rent(self) -> None:
        """A run that is over and a machine that still costs money: say so, and offer the end."""
        is_open = self.rent.show_job(self.job, self.state in ENDED)
        if is_open != self._settle.isActive():
            # A machine may be given back, and files may come, after the run has ended.
            self._settle.start() if is_open else self._settle.stop()

    # -- room -------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        self.files.show_narrow(narrow)
        self.head.show_narrow(narrow)
        if event.oldSize().height() != event.size().height():
            self._show_figures()

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.head, self.rent = RunHead(), RentNotice()
        self.head.controls.asked.connect(self._ask)
        self.head.controls.resume_wanted.connect(self.resume_wanted)
        self.head.controls.gallery_wanted.connect(self.gallery_wanted)
        self.rent.asked.connect(self._ask)
        self.tiles_box = RunTiles()
        self.plot = LossPlot()
        self._plot_card = card(column(self.plot), 8)
        body = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        body.addWidget(self._plot_card)
        body.addWidget(self._make_tabs())
        body.setSizes([300, 340])
        body.setStretchFactor(0, 1)
        body.setStretchFactor(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for part in (self.head, self.rent, self.tiles_box):
            layout.addWidget(part)
        layout.addWidget(body, 1)
        add_shortcut(self, "Ctrl+F", "Search the log", self.search_log)

    def search_log(self) -> None:
        """Show the log and let the person type what to look for."""
        self.tabs.setCurrentIndex(LOG)
        self.log.focus_search()

    def _make_tabs(self) -> QTabWidget:
        self.files = CheckpointTable()
        self.pictures = EpochStrip(self._session.thumbnails.image)
        pictures = QWidget()
        pictures_box = QVBoxLayout(pictures)
        pictures_box.setContentsMargins(0, 8, 0, 0)
        pictures_box.addWidget(self.pictures)
        self.log = LogView()
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.addTab(self.files, "Checkpoints")
        self.tabs.addTab(pictures, "Pictures")
        self.tabs.addTab(self.log, "Log")
        return self.tabs

    def _ask(self, control: str) -> None:
        self.control_wanted.emit(control)
        self.refresh()


def _counted(word: str, count: int, what: str = "") -> str:
    if not count:
        return word
    return f"{word} ({wording.count(count, what)})" if what else f"{word} ({count})"
