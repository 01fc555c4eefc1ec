"""Gallery panel: every epoch beside every prompt at native size, one of them close up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QProgressBar,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.gallery import LORA_OFF, epoch_title
from bespoke_gui.qtmodels import gallery_work as work
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.gallery_facts import Close, look_close, native_reader
from bespoke_gui.qtmodels.gallery_model import GalleryModel
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import Task, TaskContext, run_task
from bespoke_gui.views.panels import PANELS, Panel
from bespoke_gui.views.widgets.gallery_detail import GalleryDetail
from bespoke_gui.views.widgets.gallery_grid import ZOOMS, GalleryGrid
from bespoke_gui.views.widgets.parts import button, column, heading, muted, row

if TYPE_CHECKING:
    from bespoke_gui.core.score import ScoreReport

ALL_SEEDS = "all"
REPORTS = "Report (*.html);;Markdown (*.md);;Collage (*.png);;Table (*.csv);;Figures (*.json)"


class GalleryPanel(QWidget):
    """The place where an epoch is chosen."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.model = GalleryModel(self)
        self.opened: work.OpenedGallery | None = None
        self.report: ScoreReport | None = None
        self._wanted: Path | None = None
        self._measuring: Task | None = None
        self._references = work.References()
        self._known: list[Path] | None = None
        self._closest = QTimer(self, singleShot=True, interval=30)
        self._closest.timeout.connect(self._read_close)
        self._build()
        session.project_changed.connect(self._on_project)
        session.galleries_changed.connect(self.refresh)
        self._on_project()

    # -- galleries --------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the list of galleries again; the open one stays open unless a new one has come."""
        folders = work.gallery_folders(self._session.project)
        current = self.opened.gallery.folder if self.opened else self._wanted
        self.galleries.blockSignals(True)
        self.galleries.clear()
        for folder in folders:
            self.galleries.addItem(folder.name, folder)
        index = self.galleries.findText(current.name) if current in folders and current else -1
        self.galleries.setCurrentIndex(max(index, 0) if folders else -1)
        self.galleries.blockSignals(False)
        self.pages.setCurrentIndex(1 if folders else 0)
        self.bar.setEnabled(bool(folders))
        fresh = [] if self._known is None else [one for one in folders if one not in self._known]
        self._known = folders
        if fresh or (folders and index < 0):
            self.open(work.newest(fresh or folders))

    def open(self, folder: Path) -> None:
        """Open a gallery in the background and show it."""
        self._wanted = folder

        def done(opened: work.OpenedGallery) -> None:
            if self._wanted == folder:
                self._show(opened)

        run_task(lambda: work.read_gallery(folder), done, self._session.show_error, parent=self)

    def _on_project(self) -> None:
        self._stop_measuring()
        self.opened, self.report, self._wanted, self._known = None, None, None, None
        self._references = work.References()
        self.model.show(None, native_reader(24, "median"))
        self.refresh()

    def _show(self, opened: work.OpenedGallery) -> None:
        self.opened, self.report = opened, None
        self._fill_bar(opened)
        self._place_in_list(opened.gallery.folder)
        picked = opened.decision.epoch if opened.decision else None
        read = native_reader(opened.native_size, opened.downsampler)
        self.model.show(opened.gallery, read, picked, opened.expected)
        self.model.show_swatches(opened.swatches)
        self._use_measure()
        for problem in opened.gallery.problems[:1]:
            more = len(opened.gallery.problems) - 1
            tail = f" (and {more} more)" if more else ""
            text = f"{problem.file}: {problem.message}" if problem.file else problem.message
            self._session.notify("warning", f"{text}{tail}", problem.hint)
        self._show_notes()
        self._measure()

    def _place_in_list(self, folder: Path) -> None:
        index = self.galleries.findText(folder.name)
        if index >= 0:
            self.galleries.blockSignals(True)
            self.galleries.setCurrentIndex(index)
            self.galleries.blockSignals(False)

    def import_folder(self) -> None:
        """Ask for a folder of images by epoch and copy it into the project."""
        project = self._session.project
        if project is None:
            self._session.notify("warning", "Open a project first: a gallery belongs to one")
            return
        source = self._session.ask.folder("Folder with images of every epoch")
        if source is None:
            return
        target = work.free_folder(project.galleries_dir, source.name)

        def imported(_: object) -> None:
            self._session.galleries_changed.emit()
            self._session.notify("good", f"Imported as gallery {target.name}")

        run_task(
            lambda: work.import_folder(source, target),
            imported, self._session.show_error, parent=self,
        )  # fmt: skip

    # -- measuring --------------------------------------------------------------------------

    def _measure(self) -> None:
        """Measure all images in the background, against the training set where there is one."""
        self._stop_measuring()
        opened, dataset = self.opened, self._session.dataset
        if opened is None:
            return
        folder = dataset.folder if dataset and dataset.items else None
        references = self._references

        def measured(report: ScoreReport) -> None:
            if opened is self.opened:
                self.report = report
                self.model.show_figures(work.figures_of(report))
                self._use_measure()
                self._show_notes()

        self.progress.setRange(0, 0)
        self.progress.show()
        self._measuring = run_task(
            lambda context: work.measure_gallery(
                opened, references.get(folder, opened), _checked(context)
            ),
            measured, self._session.show_error, self._on_progress, self, self._on_measured,
        )  # fmt: skip

    def _stop_measuring(self) -> None:
        if self._measuring is not None:
            self._measuring.cancel()
            self._measuring = None

    def _on_progress(self, done: int, total: int, text: str) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.progress.setToolTip(f"Measuring: {done} of {total}")

    def _on_measured(self) -> None:
        if self._measuring is None or not self._measuring.is_running:
            self.progress.hide()

    def _use_measure(self) -> None:
        index = self.measures.currentIndex()
        if self.opened is None or index < 0:
            return
        limits = self.report.thresholds if self.report else {}
        self.model.show_measure(work.measure_view(self.opened.measures[index], limits))
        self.measures.setToolTip(self.opened.measures[index].explanation)
        self._show_cell()

    def _show_notes(self) -> None:
        if self.opened is None:
            return
        gallery = self.opened.gallery
        parts = [
            wording.count(len(gallery.epochs), "epoch"),
            wording.count(len(gallery.prompts), "prompt"),
            wording.count(len(gallery.seeds), "seed"),
        ]
        words = " × ".join(parts)
        notes = [note for note in (self.report.notes if self.report else []) if note.strip()]
        # What a prompt was taken to be stands beside the prompt; here is what limits comparison.
        shown = [note for note in notes if note != self.opened.assumed]
        self.notes.setText("   ·   ".join([words, *shown[:1]]))
        self.notes.setToolTip("\n".join(notes))

    # -- the current cell -------------------------------------------------------------------

    def _show_cell(self, *_: int) -> None:
        row_, column_ = self.grid.row, self.grid.column
        image = self.model.image(row_, column_) if row_ >= 0 else None
        if self.opened is None or row_ < 0:
            return
        prompt_name = self.model.prompt(column_)
        prompt = self.opened.expected.prompt(prompt_name) if self.opened.expected else None
        epoch = self.model.epoch(row_)
        title = epoch_title(epoch)
        seed = f" · seed {image.seed}" if image and image.seed is not None else ""
        name = title[:1].upper() + title[1:]
        self.detail.show_place(
            f"{name} · {prompt_name}{seed}", prompt.text if prompt else "", self.opened.assumed
        )
        self.detail.show_figures(self._figure_rows(row_, column_))
        self.detail.show_pick(title if epoch != LORA_OFF else "", self._picked_words())
        if image is None:
            self.detail.show_error("There is no image of this epoch, prompt and seed")
        else:
            self._closest.start()

    def _read_close(self) -> None:
        opened = self.opened
        image = self.model.image(self.grid.row, self.grid.column)
        if opened is None or image is None:
            return
        prompt = opened.expected.prompt(image.prompt) if opened.expected else None
        size, downsampler = opened.native_size, self.downsamplers.currentData()

        def done(close: Close) -> None:
            if image == self.model.image(self.grid.row, self.grid.column):
                self.detail.show_close(close, size)

        run_task(
            lambda: look_close(image.path, size, downsampler, prompt),
            done, lambda error: self.detail.show_error(str(error)), parent=self,
        )  # fmt: skip

    def _figure_rows(self, row_: int, column_: int) -> list[tuple[str, str, str, str, str]]:
        assert self.opened is not None
        limits = self.report.thresholds if self.report else {}
        rows = []
        for measure in self.opened.measures:
            value = self.model.value(row_, column_, measure.name)
            limit = limits.get(measure.name)
            tone = "warning" if measure.beyond(value, limit) else ""
            sign = "≥" if measure.better == "higher" else "≤"
            usual = f"{sign} {measure.text(limit)}" if limit is not None else ""
            rows.append((measure.title, measure.text(value), usual, tone, measure.explanation))
        return rows

    # -- deciding ---------------------------------------------------------------------------

    def pick(self) -> None:
        """Record the current epoch as the one to use."""
        if self.opened is None or self.grid.row < 0:
            return
        from bespoke_gui.core.gallery_decision import decide

        epoch = self.model.epoch(self.grid.row)
        folder = self.opened.gallery.folder
        label = f"Why {epoch_title(epoch)}? (may stay empty)"
        reason = self._session.ask.text("Pick an epoch", label)
        try:
            self.opened.decision = decide(folder, epoch, reason)
        except Exception as error:  # noqa: BLE001 - told in the window, in words
            self._session.show_error(error)
            return
        self.model.show_picked(epoch)
        self._show_cell()
        self._session.galleries_changed.emit()

    def _picked_words(self) -> str:
        decision = self.opened.decision if self.opened else None
        if decision is None:
            return ""
        date = decision.date.replace("T", " ")[:16]
        why = f": {decision.reason}" if decision.reason else ""
        title = epoch_title(decision.epoch)
        return f"✓ {title[:1].upper()}{title[1:]} picked on {date}{why}"

    def export(self) -> None:
        """Ask where to, and write a report or a collage; the file's suffix says which."""
        if self.opened is None:
            return
        opened, report = self.opened, self.report
        folder = opened.gallery.folder
        start = str(folder.with_name(f"{folder.name}.html"))
        out = self._session.ask.save_file("Save report or collage", REPORTS, start)
        if out is None:
            return

        def done(path: object) -> None:
            self._session.notify("good", f"Written: {out}")

        run_task(
            lambda: work.export(opened, report, out), done, self._session.show_error, parent=self
        )

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.grid = GalleryGrid()
        self.grid.set_model(self.model)
        self.grid.current_changed.connect(self._show_cell)
        self.model.loader.loaded.connect(self._on_loaded)
        self.detail = GalleryDetail()
        self.detail.pick_wanted.connect(self.pick)
        self.bar = self._tool_bar()
        self.notes = muted(wrap=False)
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName("Measuring the images")
        self.progress.setFixedWidth(120)
        self.progress.hide()
        foot = QWidget()
        foot_row = row(self.notes, None, self.progress)
        foot_row.setContentsMargins(14, 6, 14, 6)
        foot.setLayout(foot_row)
        left = QWidget()
        left_column = column(self.bar, self.grid, foot, spacing=0)
        left_column.setStretch(1, 1)
        left.setLayout(left_column)
        side = QWidget()
        side_box = QVBoxLayout(side)
        side_box.setContentsMargins(0, 0, 0, 0)
        side_box.addWidget(self.detail)
        self.detail.setMinimumWidth(348)
        splitter = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        splitter.addWidget(left)
        splitter.addWidget(side)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([906, 450])
        self.pages = QStackedWidget()
        self.pages.addWidget(self._empty_page())
        self.pages.addWidget(splitter)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)

    def _tool_bar(self) -> QWidget:
        self.galleries = _box("Gallery", "Which gallery to look at", 164)
        self.galleries.activated.connect(lambda i: self.open(self.galleries.itemData(i)))
        self.measures = _box("Measure", "Figure under each picture", 240)
        self.measures.activated.connect(lambda _: self._use_measure())
        self.seeds = _box("Seed", "Which seed to look at", 110)
        self.seeds.activated.connect(self._use_seed)
        self.downsamplers = _box("Downsampler", "How native pixels are read from large ones", 118)
        self.downsamplers.activated.connect(lambda _: self._use_downsampler())
        self.zoom = _box("Zoom", "Size of a cell (+ and −, or Ctrl and the wheel)", 104)
        for side in ZOOMS:
            self.zoom.addItem(f"{side} px", side)
        self.zoom.activated.connect(lambda _: self.grid.set_zoom(self.zoom.currentData()))
        self.grid.zoom_changed.connect(
            lambda side: self.zoom.setCurrentIndex(self.zoom.findData(side))
        )
        bring = button("Import…", "Copy a folder of images by epoch into the project", "", "open")
        bring.clicked.connect(self.import_folder)
        save = button("Export…", "Save a report, a collage or all figures", "", "download")
        save.clicked.connect(self.export)
        bar = QWidget()
        inner = row(
            self.galleries, self.measures, self.seeds, self.downsamplers, self.zoom,
            None, bring, save,
        )  # fmt: skip
        inner.setContentsMargins(14, 10, 14, 10)
        bar.setLayout(inner)
        return bar

    def _empty_page(self) -> QWidget:
        bring = button("Import folder…", "Images by epoch: epoch_01/PROMPT.png", "primary", "open")
        bring.clicked.connect(self.import_folder)
        train = button("Go to training")
        train.clicked.connect(lambda: self._session.go_to.emit("train"))
        words = muted(
            "A gallery holds one picture for every epoch, prompt and seed. Generate one when a run "
            "has checkpoints, or import pictures made elsewhere: folders epoch_01, epoch_02 … with "
            "one file for each prompt."
        )
        words.setMaximumWidth(560)
        page = QWidget()
        inner = column(heading("No gallery yet", 1.6), words, row(bring, train, None), spacing=14)
        outer = QHBoxLayout(page)
        outer.addStretch(1)
        middle = QVBoxLayout()
        middle.addStretch(2)
        middle.addLayout(inner)
        middle.addStretch(3)
        outer.addLayout(middle)
        outer.addStretch(1)
        return page

    def _fill_bar(self, opened: work.OpenedGallery) -> None:
        _fill(self.measures, [(m.title, m.name) for m in opened.measures], self.model.measure.name)
        _fill(self.downsamplers, [(t, n) for n, t, _ in opened.downsamplers], opened.downsampler)
        seeds = opened.gallery.seeds
        entries: list[tuple[str, object]] = [(_seed_words(seed), seed) for seed in seeds]
        if len(seeds) > 1:
            entries.append(("All seeds", ALL_SEEDS))
        _fill(self.seeds, entries, entries[0][1])
        self.seeds.setVisible(len(seeds) > 1)
        self.model.show_seed(seeds[0] if seeds else None)

    def _use_seed(self, index: int) -> None:
        seed = self.seeds.itemData(index)
        if seed == ALL_SEEDS:
            self.model.show_seed(None, all_seeds=True)
        else:
            self.model.show_seed(seed)
        self._show_cell()

    def _use_downsampler(self) -> None:
        if self.opened is not None:
            name = self.downsamplers.currentData()
            self.model.read_with(native_reader(self.opened.native_size, name))
            self._show_cell()

    def _on_loaded(self) -> None:
        if self.opened is not None and self.grid.row >= 0:
            self.detail.show_figures(self._figure_rows(self.grid.row, self.grid.column))


def _checked(context: TaskContext) -> Callable[[int, int], None]:
    """Return a progress callback that also ends the work when the task was cancelled."""

    def step(done: int, total: int) -> None:
        context.check()
        context.progress(done, total)

    return step


def _seed_words(seed: int | None) -> str:
    return "Seed unknown" if seed is None else f"Seed {seed}"


def _box(name: str, tip: str, width: int) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setFixedWidth(width)
    return box


def _fill(box: QComboBox, entries: list, current: object) -> None:
    box.blockSignals(True)
    box.clear()
    for words, data in entries:
        box.addItem(words, data)
    index = next((i for i, (_, data) in enumerate(entries) if data == current), 0)
    box.setCurrentIndex(index if entries else -1)
    box.blockSignals(False)


PANELS.add("gallery", Panel("gallery", "Gallery", 50, "gallery", GalleryPanel))
