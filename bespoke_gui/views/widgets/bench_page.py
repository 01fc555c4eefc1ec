"""Bench page: the wish at the left; epochs and strengths of a tried prompt as a grid beside it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from bespoke_gui.core.errors import AppError
from bespoke_gui.qtmodels import bench_work as work
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.bench import PromptBench
from bespoke_gui.qtmodels.image_export import ImageExport, Part
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.bench_form import BenchForm
from bespoke_gui.views.widgets.gallery_bar import fill, labelled_box
from bespoke_gui.views.widgets.gallery_grid import ZOOMS, GalleryGrid
from bespoke_gui.views.widgets.image_export_dialog import ImageExportDialog
from bespoke_gui.views.widgets.parts import (
    button,
    card,
    column,
    elided,
    heading,
    muted,
    row,
    splitter,
)

WORDS = (
    "Write a prompt, tick epochs and name strengths: every epoch appears beside every strength, "
    "and above them what the base model makes of the same seed with the LoRA off. "
    "What is tried is kept in the project with its settings."
)


class BenchPage(QWidget):
    """Tries prompts and shows what was tried."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._fresh = True
        self.bench = PromptBench(session, self)
        self.writer = ImageExport(session, self)
        self._build()
        self._connect()
        self._add_keys()
        self._show_lists()
        self._show_trial()
        self._show_progress()

    # -- what is shown ----------------------------------------------------------------------

    def _on_project(self) -> None:
        self._fresh = True
        self._show_lists()

    def _show_lists(self) -> None:
        bench = self.bench
        self.form.show_sources(bench.sources, None)
        shown = bench.model.trial.folder if bench.model.trial else None
        fill(self.trials, [(one.folder.name, one.folder) for one in bench.trials], shown)
        self.trials.setEnabled(bool(bench.trials))
        self._show_settings()

    def _show_settings(self) -> None:
        project, source = self._session.project, self.form.source
        if project is None:
            return
        try:
            settings = work.settings_of(project, source.base if source else "")
        except AppError as error:
            self._session.show_error(error)
            return
        self.form.show_settings(settings, self._fresh)
        self._fresh = False

    def _show_trial(self) -> None:
        trial = self.bench.model.trial
        self.right.setCurrentIndex(0 if trial is None else 1)
        if trial is not None:
            self.trials.setCurrentIndex(self.trials.findText(trial.folder.name))
            self.prompt.setText(" · ".join(trial.prompts))
            negative = f"\nNegative: {trial.negative}" if trial.negative else ""
            self.prompt.setToolTip("\n".join(trial.prompts) + negative)
        self._show_cell()
        self._show_progress()

    def _show_cell(self) -> None:
        words = self.bench.model.words(self.grid.row, self.grid.column)
        self.cell.setText(words)
        there = bool(words)
        self.again.setEnabled(there)
        self.keep.setEnabled(there)
        done = not self.bench.model.is_running
        self.send.setEnabled(there and done)
        image = self.bench.model.image(self.grid.row, self.grid.column)
        self.export.setEnabled(image is not None and self.bench.model.is_there(image))

    def _show_progress(self) -> None:
        bench, story = self.bench, self.bench.story
        busy, model = bench.is_busy, bench.model
        self.form.show_busy(busy)
        self.going.setVisible(busy)
        self.progress.setRange(0, story.total if bench.running else 0)
        self.progress.setValue(story.step if bench.running else 0)
        self.stage.setText(self._stage_words())
        self.failure.setText(bench.failure)
        self.failure.setVisible(bool(bench.failure) and not busy)
        missing = 0 if model.is_running else model.missing
        self.missing.setVisible(bool(missing) and not busy)
        self.missing.setText(f"Make {wording.count(missing, 'missing image')}")
        self._show_cell()

    def _stage_words(self) -> str:
        bench, story = self.bench, self.bench.story
        if bench.running is None:
            return bench.note or "Starting the engine"
        if bench.follower.is_stopping:
            return "Cancelling: the images so far are kept"
        if not story.total:
            return story.stage.capitalize() or "Waiting for the engine"
        left = story.remaining_s()
        tail = f" · {wording.duration(left)} left" if left is not None else ""
        return f"{story.step} of {wording.count(story.total, 'image')}{tail}"

    # -- what is done -----------------------------------------------------------------------

    def start(self) -> None:
        """Try what the form says."""
        try:
            wish = self.form.wish()
        except AppError as error:
            self._session.notify("warning", error.message, error.hint)
            return
        self.bench.start(wish)

    def ask_again(self) -> None:
        """Fill the form with the settings of the shown trial and the current cell's seed."""
        trial = self.bench.model.trial
        image = self.bench.model.image(self.grid.row, self.grid.column)
        if trial is None or image is None:
            return
        try:
            source = work.source_of(trial, self.bench.sources)
        except AppError as error:
            self._session.show_error(error)
            return
        self.form.show_trial(trial, source, image.seed)

    def send_shown(self) -> None:
        """Copy the strength of the current column into the project as a gallery."""
        columns = self.bench.model.columns
        if 0 <= self.grid.column < len(columns):
            self.bench.send(columns[self.grid.column][1])

    def export_shown(self) -> None:
        """Ask in what form the current image, or all of its strength, are wanted."""
        image = self.bench.model.image(self.grid.row, self.grid.column)
        if image is not None and self.export.isEnabled():
            self.bench.read_parts(image)

    def _ask_export(self, parts: list[Part]) -> None:
        dialog = ImageExportDialog(self._session, parts, self)
        dialog.wanted.connect(self.writer.start)
        dialog.open()

    def _pick_files(self) -> None:
        source = self.bench.pick_files()
        if source is not None:
            self.form.show_sources(self.bench.sources, source)

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.form = BenchForm()
        left = card(column(self.form), 14)
        left.setMinimumWidth(280)
        left.setMaximumWidth(380)
        self.right = QStackedWidget()
        self.right.addWidget(self._before_the_first())
        self.right.addWidget(self._tried())
        side = QWidget()
        inner = column(self._going(), self._outcome(), self.right)
        inner.setContentsMargins(8, 0, 0, 0)
        side.setLayout(inner)
        whole = splitter(Qt.Orientation.Horizontal, (left, side), (0, 1))
        whole.setSizes([320, 900])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 12)
        layout.addWidget(whole)

    def _before_the_first(self) -> QWidget:
        page = QWidget()
        inner = column(heading("Nothing tried yet", 1.6), muted(WORDS), None, spacing=8)
        inner.setContentsMargins(16, 12, 24, 16)
        page.setLayout(inner)
        return page

    def _going(self) -> QWidget:
        self.going = QWidget()
        self.stage = muted(wrap=False)
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName("Progress of the trial")
        self.cancel = button("Cancel", "End now; the images so far are kept", "danger", "stop")
        line = row(self.stage, self.progress, self.cancel)
        line.setStretchFactor(self.progress, 1)
        self.going.setLayout(line)
        return self.going

    def _outcome(self) -> QWidget:
        self.failure = muted()
        theme.set_kind(self.failure, "warning")
        self.missing = button("Make missing images", "Go on where it ended", "", "play")
        line = row(self.failure, self.missing)
        line.setStretchFactor(self.failure, 1)
        line.setAlignment(self.missing, Qt.AlignmentFlag.AlignRight)
        part = QWidget()
        part.setLayout(line)
        return part

    def _tried(self) -> QWidget:
        self.trials = labelled_box("Tried", "What was tried in this project, the newest first", 200)
        self.prompt = elided(bold=True)
        self.zoom = labelled_box("Zoom", "Size of a cell (+ and −, or Ctrl and the wheel)", 104)
        fill(self.zoom, [(f"{side} px", side) for side in ZOOMS], ZOOMS[0])
        self.grid = GalleryGrid()
        self.grid.setAccessibleName("Trial: epochs down, strengths across")
        self.grid.set_model(self.bench.model)
        self.cell = elided(kind="muted")
        self.again = button(
            "Again with this seed", "Fill the form with these settings (Ctrl+R)", "", "refresh"
        )
        self.keep = button("Add to protocol", "Every epoch is asked this prompt from now on")
        self.send = button("As gallery", "Copy the images of this strength into the project")
        self.export = button("Export…", "Save images as pixel art (Ctrl+E)", "", "download")
        head = row(self.prompt, self.zoom, self.trials)
        head.setStretchFactor(self.prompt, 1)
        foot = row(self.again, self.keep, self.send, None, self.export)
        page = QWidget()
        inner = column(head, self.grid, self.cell, foot)
        inner.setStretchFactor(self.grid, 1)
        page.setLayout(inner)
        return page

    def _connect(self) -> None:
        bench, form = self.bench, self.form
        self._session.project_changed.connect(self._on_project)
        bench.listed.connect(self._show_lists)
        bench.loaded.connect(form.show_epochs)
        bench.opened.connect(self._show_trial)
        bench.progressed.connect(self._show_progress)
        form.source_chosen.connect(bench.choose)
        form.source_chosen.connect(lambda _: self._show_settings())
        form.files_wanted.connect(self._pick_files)
        form.start_wanted.connect(self.start)
        self.trials.activated.connect(lambda place: bench.open(self.trials.itemData(place)))
        self.zoom.activated.connect(lambda place: self.grid.set_zoom(self.zoom.itemData(place)))
        self.grid.zoom_changed.connect(
            lambda side: self.zoom.setCurrentIndex(self.zoom.findData(side))
        )
        self.grid.current_changed.connect(lambda *_: self._show_cell())
        bench.model.dataChanged.connect(lambda *_: self._show_cell())
        self.cancel.clicked.connect(bench.cancel)
        self.missing.clicked.connect(bench.make_missing)
        self.again.clicked.connect(self.ask_again)
        self.keep.clicked.connect(bench.keep)
        self.send.clicked.connect(self.send_shown)
        self.export.clicked.connect(self.export_shown)
        bench.parts_read.connect(self._ask_export)

    def _add_keys(self) -> None:
        add_shortcut(self, "Ctrl+Return", "Try the prompt", self.form.start.click)
        add_shortcut(self, "Ctrl+R", "Again with this seed", self.again.click)
        add_shortcut(self, "Ctrl+E", "Export images", self.export_shown)
