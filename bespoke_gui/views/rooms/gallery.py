"""Gallery room: every epoch beside every prompt at native size, one of them close up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSplitter, QStackedWidget, QWidget

from bespoke_gui.core.gallery import LORA_OFF, epoch_title
from bespoke_gui.qtmodels import gallery_work as work
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.gallery_facts import Close, look_close, native_reader
from bespoke_gui.qtmodels.gallery_measuring import GalleryMeasuring
from bespoke_gui.qtmodels.gallery_model import GalleryModel
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task
from bespoke_gui.views.widgets.gallery_bar import ALL_SEEDS, GalleryBar
from bespoke_gui.views.widgets.gallery_detail import GalleryDetail
from bespoke_gui.views.widgets.gallery_empty import GalleryEmpty
from bespoke_gui.views.widgets.gallery_grid import GalleryGrid
from bespoke_gui.views.widgets.parts import column, elided, row

if TYPE_CHECKING:
    from bespoke_gui.core.score import ScoreReport

REPORTS = "Report (*.html);;Markdown (*.md);;Collage (*.png);;Table (*.csv);;Figures (*.json)"


class GalleryPanel(QWidget):
    """The place where an epoch is chosen."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.model = GalleryModel(self)
        self.measuring = GalleryMeasuring(session, self)
        self.opened: work.OpenedGallery | None = None
        self.report: ScoreReport | None = None
        self._wanted: Path | None = None
        self._known: list[Path] | None = None
        self._closest = QTimer(self, singleShot=True, interval=30)
        self._closest.timeout.connect(self._read_close)
        self._build()
        self._connect()
        self._on_project()

    # -- galleries --------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the list of galleries again; the open one stays open unless a new one has come."""
        folders = work.gallery_folders(self._session.project)
        current = self.opened.gallery.folder if self.opened else self._wanted
        index = self.bar.show_galleries(folders, current)
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
        self.measuring.forget()
        self.opened, self.report, self._wanted, self._known = None, None, None, None
        self.model.show(None, native_reader(24, "median"))
        self.refresh()

    def _show(self, opened: work.OpenedGallery) -> None:
        self.opened, self.report = opened, None
        self.bar.show_opened(opened, self.model.measure.name)
        self.bar.mark_gallery(opened.gallery.folder.name)
        seeds = opened.gallery.seeds
        self.model.show_seed(seeds[0] if seeds else None)
        picked = opened.decision.epoch if opened.decision else None
        read = native_reader(opened.native_size, opened.downsampler)
        self.model.show(opened.gallery, read, picked, opened.expected)
        self.model.show_swatches(opened.swatches)
        self._use_measure()
        self._tell_problems(opened)
        self._show_notes()
        self._measure()

    def _tell_problems(self, opened: work.OpenedGallery) -> None:
        for problem in opened.gallery.problems[:1]:
            more = len(opened.gallery.problems) - 1
            tail = f" (and {more} more)" if more else ""
            text = f"{problem.file}: {problem.message}" if problem.file else problem.message
            self._session.notify("warning", f"{text}{tail}", problem.hint)

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
        opened, dataset = self.opened, self._session.dataset
        if opened is not None:
            self.progress.setRange(0, 0)
            self.progress.show()
            folder = dataset.folder if dataset and dataset.items else None
            self.measuring.start(opened, folder)

    def _on_measured(self, opened: work.OpenedGallery, report: ScoreReport) -> None:
        if opened is self.opened:
            self.report = report
            self.model.show_figures(work.figures_of(report))
            self._use_measure()
            self._show_notes()

    def _on_progress(self, done: int, total: int) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.progress.setToolTip(f"Measuring: {done} of {total}")

    def _use_measure(self) -> None:
        index = self.bar.measures.currentIndex()
        if self.opened is None or index < 0:
            return
        limits = self.report.thresholds if self.report else {}
        self.model.show_measure(work.measure_view(self.opened.measures[index], limits))
        self.bar.measures.setToolTip(self.opened.measures[index].explanation)
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
        self.detail.show_place(
            f"{_capital(title)} · {prompt_name}{seed}",
            prompt.text if prompt else "",
            self.opened.assumed,
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
        size, downsampler = opened.native_size, self.bar.downsamplers.currentData()

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

    def _use_seed(self, seed: object) -> None:
        if seed == ALL_SEEDS:
            self.model.show_seed(None, all_seeds=True)
        else:
            self.model.show_seed(seed if isinstance(seed, int) else None)
        self._show_cell()

    def _use_downsampler(self, name: str) -> None:
        if self.opened is not None:
            self.model.read_with(native_reader(self.opened.native_size, name))
            self._show_cell()

    def _on_loaded(self) -> None:
        if self.opened is not None and self.grid.row >= 0:
            self.detail.show_figures(self._figure_rows(self.grid.row, self.grid.column))

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
        return f"✓ {_capital(epoch_title(decision.epoch))} picked on {date}{why}"

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
        self.bar = GalleryBar()
        self.grid = GalleryGrid()
        self.grid.set_model(self.model)
        self.detail = GalleryDetail()
        self.detail.setMinimumWidth(348)
        left = QWidget()
        left_column = column(self.bar, self.grid, self._foot(), spacing=0)
        left_column.setStretch(1, 1)
        left.setLayout(left_column)
        splitter = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        splitter.addWidget(left)
        splitter.addWidget(self.detail)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([906, 450])
        self.empty = GalleryEmpty()
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(splitter)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)

    def _foot(self) -> QWidget:
        self.notes = elided(kind="muted")
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName("Measuring the images")
        self.progress.setFixedWidth(120)
        self.progress.hide()
        foot = QWidget()
        inner = row(self.notes, self.progress)
        inner.setStretch(0, 1)
        inner.setContentsMargins(14, 6, 14, 6)
        foot.setLayout(inner)
        return foot

    def _connect(self) -> None:
        session, bar, grid = self._session, self.bar, self.grid
        session.project_changed.connect(self._on_project)
        session.galleries_changed.connect(self.refresh)
        bar.gallery_chosen.connect(self.open)
        bar.measure_chosen.connect(self._use_measure)
        bar.seed_chosen.connect(self._use_seed)
        bar.downsampler_chosen.connect(self._use_downsampler)
        bar.zoom_chosen.connect(grid.set_zoom)
        grid.zoom_changed.connect(bar.show_zoom)
        grid.current_changed.connect(self._show_cell)
        for wanted in (bar.import_wanted, self.empty.import_wanted):
            wanted.connect(self.import_folder)
        bar.export_wanted.connect(self.export)
        self.empty.train_wanted.connect(lambda: session.go_to.emit("train"))
        self.detail.pick_wanted.connect(self.pick)
        self.model.loader.loaded.connect(self._on_loaded)
        self.measuring.measured.connect(self._on_measured)
        self.measuring.progressed.connect(self._on_progress)
        self.measuring.ended.connect(self.progress.hide)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
