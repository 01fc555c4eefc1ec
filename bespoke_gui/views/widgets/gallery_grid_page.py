"""Gallery grid page: every epoch beside every prompt at native size, one of them close up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QProgressBar, QSplitter, QWidget

from bespoke_gui.core.gallery import LORA_OFF, GalleryImage, epoch_title
from bespoke_gui.qtmodels import gallery_work as work
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
from bespoke_gui.qtmodels.gallery_facts import Close, look_close, marks_reader, native_reader
from bespoke_gui.qtmodels.gallery_model import GalleryModel
from bespoke_gui.qtmodels.tasks import run_task
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.gallery_bar import ALL_SEEDS, GalleryBar
from bespoke_gui.views.widgets.gallery_choice import GalleryChoice
from bespoke_gui.views.widgets.gallery_detail import NARROW, WIDTH, GalleryDetail
from bespoke_gui.views.widgets.gallery_grid import GalleryGrid
from bespoke_gui.views.widgets.mark_art import OFF_PALETTE, STRAYS
from bespoke_gui.views.widgets.parts import column, elided, row

if TYPE_CHECKING:
    from bespoke_gui.core.score import ScoreReport

NARROW_BELOW = 1200
MARKS = {
    OFF_PALETTE: (
        "Off-palette", "O", "Mark cells whose colour is not near any of the training set (dots)"
    ),
    STRAYS: (
        "Strays", "T",
        "Mark single cells unlike all their neighbours, where training images have none (corners)",
    ),
}  # fmt: skip


class GalleryGridPage(QWidget):
    """The grid, the choices above it, and the current picture beside it."""

    def __init__(self, desk: GalleryDesk) -> None:
        super().__init__()
        self._desk = desk
        self._session = desk.session
        self.model = GalleryModel(self)
        self._narrow: bool | None = None
        self._close_of: GalleryImage | None = None
        self._closest = QTimer(self, singleShot=True, interval=30)
        self._closest.timeout.connect(self._read_close)
        self._build()
        self._connect()
        self._on_opened()

    @property
    def opened(self) -> work.OpenedGallery | None:
        """The gallery that is open."""
        return self._desk.opened

    @property
    def report(self) -> ScoreReport | None:
        """Its figures, once they are there."""
        return self._desk.report

    def _on_opened(self) -> None:
        opened = self.opened
        if opened is None:
            self.model.show(None, native_reader(24, "median"))
            return
        self.bar.show_opened(opened, self.model.measure.name)
        seeds = opened.gallery.seeds
        self.model.show_seed(seeds[0] if seeds else None)
        picked = opened.decision.epoch if opened.decision else None
        read = native_reader(opened.native_size, opened.downsampler)
        self.model.show(opened.gallery, read, picked, opened.expected)
        self.model.show_swatches(opened.swatches)
        self._read_marks()
        self._on_report()

    def _on_report(self) -> None:
        if self.report is not None:
            self.model.show_figures(work.figures_of(self.report))
            self._read_marks()
        self._use_measure()
        self._show_notes()

    def _on_decided(self) -> None:
        if self.opened is not None:
            decision = self.opened.decision
            self.model.show_picked(decision.epoch if decision else None)
            self._show_cell()

    def show_cell(self, epoch: int, prompt: str) -> None:
        """Make the picture of an epoch and prompt the current one."""
        for row_ in range(self.model.rowCount()):
            for column_ in range(self.model.columnCount()):
                if (self.model.epoch(row_), self.model.prompt(column_)) == (epoch, prompt):
                    self.grid.set_current(row_, column_)
                    return

    # -- measuring --------------------------------------------------------------------------

    def _on_progress(self, done: int, total: int) -> None:
        self.progress.show()
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.progress.setToolTip(f"Measuring: {done} of {total}")

    def _on_read(self, done: int, total: int) -> None:
        """Show how far reading what is on screen has come: another downsampler may take long."""
        self.reading.setVisible(done < total)
        self.reading.setRange(0, total)
        self.reading.setValue(done)
        self.reading.setToolTip(f"Reading the pictures: {done} of {total}")

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
        other = self._measured_otherwise()
        self.notes.setText("   ·   ".join([words, *other, *shown[:1]]))
        self.notes.setToolTip("\n".join([*other, *notes]))

    def _measured_otherwise(self) -> list[str]:
        """Say by what the figures are, where the pictures are read by another downsampler."""
        assert self.opened is not None
        names = {name: title for name, title, _ in self.opened.downsamplers}
        if self.bar.downsamplers.currentData() == self.opened.downsampler:
            return []
        return [f"figures by {names[self.opened.downsampler]}; unique colours as shown"]

    # -- the current cell -------------------------------------------------------------------

    def _show_cell(self, *_: int) -> None:
        row_, column_ = self.grid.row, self.grid.column
        image = self.model.image(row_, column_) if row_ >= 0 else None
        if self.opened is None or row_ < 0:
            return
        self._desk.looked_at = image
        prompt_name = self.model.prompt(column_)
        prompt = self.opened.expected.prompt(prompt_name) if self.opened.expected else None
        epoch = self.model.epoch(row_)
        title = epoch_title(epoch)
        seed = f" · seed {image.seed}" if image and image.seed is not None else ""
        self.detail.show_place(
            f"{wording.epoch(epoch)} · {prompt_name}{seed}",
            prompt.text if prompt else "",
            self.opened.assumed,
        )
        self.detail.show_figures(self._figure_rows(row_, column_))
        self.detail.show_pick(title if epoch != LORA_OFF else "", self._picked_words())
        if image is None:
            self.detail.show_error("There is no image of this epoch, prompt and seed")
        else:
            self._show_at_once(image)
            self._closest.start()

    def _show_at_once(self, image: GalleryImage) -> None:
        """Keep the close-up abreast of an arrow key that is held down."""
        native, marked = self.model.loader.peek(image.path), self.model.marks.peek(image.path)
        if image != self._close_of and native is not None and native.image is not None:
            self.detail.show_at_once(native.image, marked.marks if marked else None)
        self._close_of = image

    def _read_close(self) -> None:
        opened = self.opened
        image = self.model.image(self.grid.row, self.grid.column)
        if opened is None or image is None:
            return
        prompt = opened.expected.prompt(image.prompt) if opened.expected else None
        size, downsampler = opened.native_size, self.bar.downsamplers.currentData()
        training = self._desk.training

        def done(close: Close) -> None:
            if image == self.model.image(self.grid.row, self.grid.column):
                self.detail.show_close(close)

        run_task(
            lambda: look_close(image.path, size, downsampler, prompt, training),
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
            training = self._desk.training
            read = native_reader(self.opened.native_size, name, training)
            self.model.read_with(read, name == self.opened.downsampler)
            self._read_marks()
            self._show_notes()
            self._show_cell()

    def _read_marks(self) -> None:
        """Have the marks found anew: by this way of looking, against this training set."""
        if self.opened is not None:
            name = self.bar.downsamplers.currentData()
            size = self.opened.native_size
            self.model.mark_with(marks_reader(size, name, self._desk.training))

    def _show_marks(self) -> None:
        kinds = frozenset(kind for kind, box in self.marks.items() if box.isChecked())
        self.model.show_marks(kinds)
        self.grid.set_marks(kinds)
        self.detail.set_marks(kinds)

    def _on_loaded(self) -> None:
        if self.opened is not None and self.grid.row >= 0:
            self.detail.show_figures(self._figure_rows(self.grid.row, self.grid.column))

    # -- deciding ---------------------------------------------------------------------------

    def pick(self) -> None:
        """Record the current epoch as the one to use."""
        if self.opened is None or self.grid.row < 0:
            return
        epoch = self.model.epoch(self.grid.row)
        label = f"Why {epoch_title(epoch)}? (may stay empty)"
        self._desk.decide(epoch, self._session.ask.text("Pick an epoch", label))

    def _picked_words(self) -> str:
        decision = self.opened.decision if self.opened else None
        if decision is None:
            return ""
        date = decision.date.replace("T", " ")[:16]
        why = f": {decision.reason}" if decision.reason else ""
        return f"✓ {wording.epoch(decision.epoch)} picked on {date}{why}"

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
        self._splitter = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        self._splitter.addWidget(left)
        self._splitter.addWidget(self.detail)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setSizes([906, WIDTH])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)

    def focusInEvent(self, event: QFocusEvent) -> None:
        # Not by a focus proxy: with one Tab never comes to the bar above the grid.
        self.grid.setFocus(event.reason())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < NARROW_BELOW
        if narrow != self._narrow:
            self._narrow = narrow
            self.detail.set_narrow(narrow)
            side = NARROW if narrow else WIDTH
            self._splitter.setSizes([max(1, event.size().width() - side), side])

    def _foot(self) -> QWidget:
        self.notes = elided(kind="muted")
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName("Measuring the images")
        self.progress.setFixedWidth(120)
        self.progress.hide()
        self.marks = {kind: _mark_box(words) for kind, words in MARKS.items()}
        self.reading = QProgressBar(textVisible=False)
        self.reading.setAccessibleName("Reading the pictures")
        self.reading.setFixedWidth(80)
        self.reading.hide()
        foot = QWidget()
        self.choice = GalleryChoice(self._desk, self.grid, self.model)
        inner = row(
            self.notes, self.choice, self.reading, self.progress, *self.marks.values(), spacing=14
        )
        inner.setStretch(0, 1)
        inner.setContentsMargins(14, 6, 14, 6)
        foot.setLayout(inner)
        return foot

    def _connect(self) -> None:
        desk, bar, grid = self._desk, self.bar, self.grid
        desk.opened_changed.connect(self._on_opened)
        desk.report_changed.connect(self._on_report)
        desk.decided.connect(self._on_decided)
        desk.cell_wanted.connect(self.show_cell)
        bar.measure_chosen.connect(self._use_measure)
        bar.seed_chosen.connect(self._use_seed)
        bar.downsampler_chosen.connect(self._use_downsampler)
        bar.zoom_chosen.connect(grid.set_zoom)
        for kind, box in self.marks.items():
            box.toggled.connect(self._show_marks)
            _, key, tip = MARKS[kind]
            add_shortcut(self, key, tip, box.toggle)
        bar.detail.toggled.connect(self.detail.setVisible)
        add_shortcut(self, "D", "Show or hide the picture close up", bar.detail.toggle)
        grid.zoom_changed.connect(bar.show_zoom)
        grid.current_changed.connect(self._show_cell)
        self.detail.pick_wanted.connect(self.pick)
        self.model.loader.loaded.connect(self._on_loaded)
        self.model.loader.progressed.connect(self._on_read)
        desk.measuring.progressed.connect(self._on_progress)
        desk.measuring.ended.connect(self.progress.hide)


def _mark_box(words: tuple[str, str, str]) -> QCheckBox:
    name, key, tip = words
    box = QCheckBox(name)
    box.setToolTip(f"{tip} ({key})")
    return box
