"""Preparing: choices, preview and the run itself, all in the background."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.dataset import Dataset
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.project import Project
from bespoke_gui.qtmodels.prepare_preview import (
    ImageFigures,
    Method,
    Preview,
    SetFigures,
    load_methods,
    measure_set,
    preview_image,
)
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import Task, TaskContext, run_task

if TYPE_CHECKING:
    from bespoke_gui.core.prepare import PrepareReport
    from bespoke_gui.core.prepared.records import Settings

SIZES = (384, 576, 768, 256, 192)
BUCKET_STEP = 64


class PrepareModel(QObject):
    """What is to be prepared and how. `previewed` and `measured` follow every change."""

    methods_loaded = Signal(list)
    settings_changed = Signal()
    previewed = Signal(object)
    preview_failed = Signal(str)
    measured = Signal(object)
    progressed = Signal(int, int, str)
    busy_changed = Signal(bool)
    prepared = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._previewing: Task | None = None
        self._working: Task | None = None
        self.size = SIZES[0]
        self.method = "pixel"
        self.name = ""

    def load_methods(self) -> None:
        """Read the registry of methods, which needs numpy, off the GUI thread."""

        def done(methods: list[Method]) -> None:
            self.methods_loaded.emit(methods)

        run_task(load_methods, done, self._session.show_error, parent=self)

    def choose(self, size: int | None = None, method: str | None = None) -> None:
        """Change size or method and preview again."""
        self.size = self.size if size is None else size
        self.method = self.method if method is None else method
        self.settings_changed.emit()
        self.preview()

    def show(self, name: str) -> None:
        """Preview this image of the set from now on."""
        self.name = name
        self.preview()

    def preview(self) -> None:
        """Prepare the chosen image in memory; a preview still under way is dropped."""
        item, settings = self._session.item(self.name), self._settings()
        if self._previewing is not None:
            self._previewing.cancel()
        if item is None or settings is None:
            return

        def work() -> Preview:
            return preview_image(item, settings())

        self._previewing = run_task(work, self.previewed.emit, self._preview_failed, parent=self)

    def measure(self) -> None:
        """Find out what the settings would do to every image, without writing anything."""
        dataset, settings = self._session.dataset, self._settings()
        if dataset is None or settings is None or self.is_busy():
            return
        items = dataset.used

        def work(context: TaskContext) -> SetFigures:
            return measure_set(items, settings(), context)

        self._start(work, self.measured.emit)

    def prepare(self, name: str) -> None:
        """Write the prepared set `name`; it is said in the window what came out."""
        project, dataset = self._session.project, self._session.dataset
        settings = self._settings()
        if project is None or dataset is None or settings is None or self.is_busy():
            return
        out = project.prepared_dir / name
        size, method, native = self.size, self.method, project.native_size

        def work(context: TaskContext) -> PrepareReport:
            from bespoke_gui.core.prepare import prepare

            return prepare(
                with_file_names(project, dataset),
                out,
                size,
                method,
                native,
                context.progress,
                lambda: context.cancelled,
            )

        self._start(work, self._on_prepared)

    def cancel(self) -> None:
        """End measuring or preparing."""
        if self._working is not None:
            self._working.cancel()

    def is_busy(self) -> bool:
        """Whether measuring or preparing is under way."""
        return self._working is not None and self._working.is_running

    def cell_words(self, size: int) -> str:
        """Return what a native pixel becomes at a size: "16 px" or "10 or 11 px"."""
        project = self._session.project
        native = project.native_size if project else 24
        whole, rest = divmod(size, native)
        if size < native:
            return "too small"
        return f"{whole} px each" if not rest else f"{whole} or {whole + 1} px"

    def size_problem(self) -> str:
        """Return what speaks against the chosen size, or nothing."""
        project = self._session.project
        native = project.native_size if project else 24
        if self.size < native:
            return f"Smaller than the native {native} pixels."
        parts = []
        if self.size % native:
            parts.append("native pixels become unevenly wide")
        if self.size % BUCKET_STEP:
            parts.append(f"no multiple of {BUCKET_STEP}: the trainer would resize again")
        text = "; ".join(parts)
        return f"{text[0].upper()}{text[1:]}." if text else ""

    def _settings(self) -> Callable[[], Settings] | None:
        """Return how to make the settings on the worker's thread: their module needs numpy."""
        project = self._session.project
        if project is None:
            return None
        size, method, native = self.size, self.method, project.native_size

        def make() -> Settings:
            from bespoke_gui.core.prepared.records import Settings

            made = Settings(size, method, native)
            made.check()
            return made

        return make

    def _start(self, work: Callable[[TaskContext], object], done: Callable) -> None:
        self.busy_changed.emit(True)
        self._working = run_task(
            work,
            done,
            self._session.show_error,
            self.progressed.emit,
            parent=self,
            ended=lambda: self.busy_changed.emit(False),
        )

    def _preview_failed(self, error: Exception) -> None:
        if not isinstance(error, AppError):
            self._session.show_error(error)
        self.preview_failed.emit(str(error))

    def _on_prepared(self, report: PrepareReport) -> None:
        figures = figures_of(report)
        self.measured.emit(figures)
        self.prepared.emit(report)
        text = f"Prepared {len(report.images)} images in {report.folder.name}."
        details = "\n".join(f"{p.file}: {p.message}".strip(": ") for p in report.problems)
        worst = any(problem.severity == "error" for problem in report.problems)
        self._session.notify("warning" if worst else "good", text, details)
        self._session.prepared_changed.emit()


def figures_of(report: PrepareReport) -> SetFigures:
    """Return the figures of a prepared set."""
    images = [
        ImageFigures(i.name, i.colours_before, i.colours_after, i.native_exact, i.note)
        for i in report.images.values()
    ]
    failed = [
        (p.file, p.message)
        for p in report.problems
        if p.severity == "error" and p.file not in report.images
    ]
    return SetFigures(images, failed)


def with_file_names(project: Project, dataset: Dataset) -> Path | Dataset:
    """Return what core's prepare takes: the one folder, or the merged set of several."""
    return project.dataset_dirs[0][0] if len(project.dataset_dirs) == 1 else dataset


def set_name(size: int, method: str) -> str:
    """Propose a name; it begins with no number, which a trainer would read as repeats."""
    return f"{method}_{size}"
