"""Preparing: choices, preview and the run itself, all in the background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.dataset import Dataset
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.prepared.records import Settings
from bespoke_gui.core.project import Project
from bespoke_gui.core.time_left import TimeLeft, words
from bespoke_gui.qtmodels.prepare_decisions import OffGridDecisions
from bespoke_gui.qtmodels.prepare_preview import (
    Method,
    Preview,
    SetFigures,
    load_methods,
    measure_set,
    preview_image,
    sample_methods,
)
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import Task, TaskContext, run_task

if TYPE_CHECKING:
    from bespoke_gui.core.prepare import PrepareReport
    from bespoke_gui.core.prepared.sizes import SizeFacts
    from bespoke_gui.core.prepared.survey import Survey

SIZE = 384
NATIVE = 24
LOOKED_AT = 9


class PrepareModel(QObject):
    """What is to be prepared and how.

    `previewed`, `measured` and `sampled` (method, colours as drawn and after) follow every change
    by themselves; an older answer never comes after a newer question. `native_differs` carries
    the cells that the images have when the project says another number.
    """

    methods_loaded = Signal(list)
    settings_changed = Signal()
    previewed = Signal(object)
    preview_failed = Signal(str)
    measuring = Signal(int, int)
    measured = Signal(object)
    sampled = Signal(str, float, float)
    native_differs = Signal(int)
    progressed = Signal(int, int, str)
    busy_changed = Signal(bool)
    prepared = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks: dict[str, Task] = {}
        self._working: Task | None = None
        self._survey: Survey | None = None
        self._folder: Path | None = None
        self._methods: list[Method] = []
        self.settings = Settings(SIZE, native=NATIVE)
        self.name = ""
        self.decisions = OffGridDecisions(session, self)
        self.decisions.changed.connect(self.look_again)

    @property
    def loaded(self) -> bool:
        """Whether the methods are known, and with them what a size means."""
        return bool(self._methods)

    def load_methods(self) -> None:
        """Read the registry of methods, which needs numpy, off the GUI thread."""

        def done(methods: list[Method]) -> None:
            self._methods = methods
            self.methods_loaded.emit(methods)

        run_task(load_methods, done, self._session.show_error, parent=self)

    def take_project(self) -> None:
        """Begin with the set of the project that is open now."""
        project = self._session.project
        folder = project.folder if project else None
        if folder != self._folder:
            # Of the same project, read again, what is known of unchanged files still holds.
            self._folder, self._survey = folder, None
        self.settings = replace(self.settings, native=project.native_size if project else NATIVE)
        self.settings_changed.emit()
        self.decisions.load()

    def choose(self, **chosen: object) -> None:
        """Change size, method, fit or background and look again."""
        if "size" in chosen:
            chosen = {"fit": "ask", **chosen}
        self.settings = replace(self.settings, **chosen)
        self.settings_changed.emit()
        self.look_again()

    def show(self, name: str) -> None:
        """Preview this image of the set from now on."""
        self.name = name
        self.preview()

    def look_again(self) -> None:
        """Find out anew what the choices do to the image looked at and to the set."""
        self.preview()
        self.measure()

    def preview(self) -> None:
        """Prepare the chosen image in memory; a preview still under way is dropped."""
        item, settings = self._session.item(self.name), self.settings
        if item is None:
            return
        survey, action = self.survey, self.decisions.action(self.name)

        def work() -> Preview:
            settings.check()
            return preview_image(survey(), item, settings, action)

        self._run("preview", work, self.previewed.emit, self._preview_failed)

    def measure(self) -> None:
        """Find out what the choices do to every image, without writing anything."""
        dataset, settings = self._session.dataset, self.settings
        if dataset is None or not dataset.used or self.is_busy():
            return
        items, survey, actions = dataset.used, self.survey, self.decisions.actions()

        def work(context: TaskContext) -> SetFigures:
            settings.check()
            return measure_set(survey(), items, settings, actions, context)

        def progress(done: int, total: int, _text: str) -> None:
            self.measuring.emit(done, total)

        self._run("measure", work, self._take_figures, lambda _: None, progress)

    def prepare(self, name: str, settings: Settings | None = None) -> None:
        """Write the prepared set `name`; it is said in the window what came out."""
        project, dataset = self._session.project, self._session.dataset
        if project is None or dataset is None or self.is_busy():
            return
        for task in self._tasks.values():
            task.cancel()
        wanted = settings or self.settings
        out, decisions = project.prepared_dir / name, self.decisions.all()

        def work(context: TaskContext) -> PrepareReport:
            from bespoke_gui.core.prepare import prepare

            return prepare(
                with_file_names(project, dataset),
                out,
                wanted.size,
                wanted.method,
                wanted.native,
                context.progress,
                lambda: context.cancelled,
                background=wanted.background,
                fit=wanted.fit,
                decisions=decisions,
            )

        self._start(work, self._on_prepared)

    def cancel(self) -> None:
        """End preparing; what was written of a new set goes again."""
        if self._working is not None:
            self._working.cancel()

    def is_busy(self) -> bool:
        """Whether preparing is under way."""
        return self._working is not None and self._working.is_running

    def facts(self, size: int, fit: str = "ask") -> SizeFacts | None:
        """Return what a size means for the project's cells; None when they find no room."""
        if not self.loaded:
            return None
        from bespoke_gui.core.prepared.sizes import size_facts

        native = self._native()
        return size_facts(native, native, size, fit)

    def offered(self) -> list[int]:
        """Return the sizes to offer first."""
        if not self.loaded:
            return []
        from bespoke_gui.core.prepared.sizes import offered_sizes

        return offered_sizes(self._native())

    def has_rest(self) -> bool:
        """Whether cells of one whole size do not fill the size that was chosen."""
        return self.settings.method == "pixel" and self.settings.size % self._native() != 0

    def must_choose_fit(self) -> bool:
        """Whether nobody has said yet what becomes of that rest."""
        return self.has_rest() and self.settings.fit == "ask"

    def survey(self) -> Survey:
        """Return what is known of the set's images; called on any thread."""
        from bespoke_gui.core.prepared.survey import Survey

        settings, survey = self.settings, self._survey
        if survey is None or not survey.fits(settings.native, settings.background):
            survey = self._survey = Survey(settings.native, settings.background)
        return survey

    def _native(self) -> int:
        native = self.settings.native
        return native if isinstance(native, int) else NATIVE

    def _run(
        self,
        kind: str,
        work: Callable[..., object],
        done: Callable[..., object],
        failed: Callable[[Exception], object],
        progress: Callable[[int, int, str], object] | None = None,
    ) -> None:
        """Run one question of its kind; one that is still under way is dropped."""
        before = self._tasks.get(kind)
        if before is not None:
            before.cancel()
        self._tasks[kind] = run_task(work, done, failed, progress, parent=self)

    def _take_figures(self, figures: SetFigures) -> None:
        self.decisions.take_asking(figures.asking())
        self.measured.emit(figures)
        if figures.mostly_resampled():
            self._doubt_native()
        self._sample()

    def use_native(self, cells: int) -> None:
        """Write into bespoke.toml how many cells the images have, and read the project again."""
        project = self._session.project
        if project is None or self._session.captions.read_only:
            return

        def write() -> None:
            from bespoke_gui.core.project import open_project, save

            fresh = open_project(project.folder)
            fresh.native_size = cells
            save(fresh)

        run_task(write, lambda _: self._session.rescan(), self._session.show_error, parent=self)

    def _doubt_native(self) -> None:
        """Ask the images themselves: with a wrong number of cells all of them look resampled."""
        dataset = self._session.dataset
        if dataset is None:
            return
        items, native = dataset.used, self._native()

        def look() -> int | None:
            from bespoke_gui.core.prepared.survey import native_of, spread

            return native_of(spread(items, LOOKED_AT))

        def done(found: int | None) -> None:
            if found and found != native:
                self.native_differs.emit(found)

        self._run("native", look, done, lambda _: None)

    def _sample(self) -> None:
        """Find each method's colours at the chosen size, so that none is chosen unseen."""
        dataset = self._session.dataset
        if dataset is None:
            return
        wanted = {m.name: replace(self.settings, method=m.name, fit="ask") for m in self._methods}
        items, survey = dataset.used, self.survey

        def work(context: TaskContext) -> None:
            sample_methods(survey(), items, wanted, self.sampled.emit, context)

        self._run("sample", work, lambda _: None, lambda _: None)

    def _start(self, work: Callable[[TaskContext], object], done: Callable) -> None:
        left = TimeLeft()

        def progress(finished: int, total: int, text: str) -> None:
            said = words(left.seconds(finished, total))
            self.progressed.emit(finished, total, said)

        self.busy_changed.emit(True)
        self._working = run_task(
            work,
            done,
            self._session.show_error,
            progress,
            parent=self,
            ended=self._on_ended,
        )

    def _on_ended(self) -> None:
        self.busy_changed.emit(False)
        self.measure()

    def _preview_failed(self, error: Exception) -> None:
        if not isinstance(error, AppError):
            self._session.show_error(error)
        self.preview_failed.emit(str(error))

    def _on_prepared(self, report: PrepareReport) -> None:
        self.prepared.emit(report)
        text = f"Prepared {len(report.images)} images in {report.folder.name}."
        if report.left_out:
            text += f" {len(report.left_out)} left out, as decided."
        details = "\n".join(f"{p.file}: {p.message}".strip(": ") for p in report.problems)
        worst = any(problem.severity == "error" for problem in report.problems)
        self._session.notify("warning" if worst else "good", text, details)
        self._session.prepared_changed.emit()


def with_file_names(project: Project, dataset: Dataset) -> Path | Dataset:
    """Return what core's prepare takes: the one folder, or the merged set of several."""
    return project.dataset_dirs[0][0] if len(project.dataset_dirs) == 1 else dataset


def set_name(settings: Settings) -> str:
    """Propose a name; it begins with no number, which a trainer would read as repeats."""
    fit = {"pad-cells": "_padded", "pad-pixels": "_edged"}.get(settings.fit, "")
    return f"{settings.method}_{settings.size}{fit}"
