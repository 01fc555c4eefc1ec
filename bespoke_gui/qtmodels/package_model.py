"""Packaging: what would be packed, judged beforehand; the zip; and the packages there are."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.config.fixes import Fix, fix_for
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.qtmodels import package_work as work
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import Task, TaskContext, run_task

if TYPE_CHECKING:
    from bespoke_gui.core.package_changes import PackageChanges
    from bespoke_gui.core.package_make import Made, Memory, Order, Preview
    from bespoke_gui.core.package_plan import PackagePlan
    from bespoke_gui.core.package_shelf import Binned, Shelved

LOOK_MS = 300


class PackageModel(QObject):
    """Previews and builds packages of the open project, and knows those that were built.

    `previewed` and `judged` carry a Verdict, `compared` a PackageChanges or None with the name of
    the package compared with; `mended` and `binned` tell in words what undo would bring back.
    """

    choices_changed = Signal()
    looking = Signal(bool)
    looked = Signal(int, int, str)
    previewed = Signal(object)
    preview_failed = Signal(str)
    compared = Signal(object, str)
    busy_changed = Signal(bool)
    progressed = Signal(int, int, str)
    judged = Signal(object)
    shelf_changed = Signal()
    mended = Signal(str)
    binned = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.sources: list[work.Source] = []
        self.configs: list[Path] = []
        self.shelf: list[Shelved] = []
        self.verdict: work.Verdict | None = None
        self.chosen: work.Choice | None = None
        self._hashes: dict[Shelved, str] = {}
        self._memory: Memory | None = None
        self._plan: PackagePlan | None = None
        self._looking: Task | None = None
        self._building: Task | None = None
        self._started, self._step = 0.0, ""
        self._mended: work.Mended | None = None
        self._binned: Binned | None = None
        self._timer = QTimer(self, singleShot=True, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)
        for changed in (session.project_changed, session.prepared_changed):
            changed.connect(self.refresh)

    def refresh(self) -> None:
        """Look for sets, configs and packages again, in the background."""
        project = self._session.project
        if project is None:
            self._take(([], []))
            self._take_shelf([])
            return
        self._run(lambda: work.choices(project), self._take)
        self._run(lambda: work.shelf(project, self._hashes), self._take_shelf)
        self.look_soon()

    def choose(self, choice: work.Choice | None) -> None:
        """Say what would be packed; a preview of it follows soon."""
        if choice != self.chosen:
            self.chosen = choice
            self.look_soon()

    def look_soon(self) -> None:
        """Judge again what would be packed; of several wishes in a row only the last counts."""
        self._timer.start()

    def build(self) -> None:
        """Write packages/NAME.zip, judge it and log it."""
        order = self._order()
        if order is None or self.is_busy():
            return

        def build(context: TaskContext) -> Made:
            from bespoke_gui.core.package_make import make_package

            return make_package(order, context.progress, lambda: context.cancelled)

        self._begin(build, self._on_made)

    def cancel(self) -> None:
        """End building; everything is then as it was."""
        if self._building is not None:
            self._building.cancel()

    def is_busy(self) -> bool:
        """Whether a package is being built."""
        return self._building is not None and self._building.is_running

    def time_left(self, done: int, total: int) -> str:
        """Say how long this step will still take, "" while that cannot be told."""
        spent = time.monotonic() - self._started
        if done < total / 50 or spent < 1 or done >= total:
            return ""
        return f"{wording.duration(spent * (total - done) / max(1, done))} left"

    def _on_progress(self, done: int, total: int, text: str) -> None:
        step = text.partition(" ")[0]
        if step != self._step:
            self._step, self._started = step, time.monotonic()
        self.progressed.emit(done, total, text)

    def check(self, path: Path) -> None:
        """Judge any package, also one made by hand; `judged` follows."""

        def look(context: TaskContext) -> work.Verdict:
            return work.judge(path, context.progress, lambda: context.cancelled)

        if not self.is_busy():
            self._begin(look, self.judged.emit)

    def import_config(self, path: Path) -> None:
        """Copy a training config into the project; one of the same name is not replaced."""
        project = self._session.project
        if project is None:
            return

        def done(copied: Path) -> None:
            self._session.notify("good", f"Took {copied.name} into the project's configs.")
            self.refresh()

        self._run(lambda: copy_config(path, project.configs_dir), done)

    def fix_for(self, problem: Problem) -> Fix | None:
        """Return the edit of the project's own config that mends a finding of the preview."""
        config = self._config()
        return fix_for(problem, config) if config is not None else None

    def mend(self, fix: Fix) -> None:
        """Make that edit; `mended` says so and the preview is made again."""
        choice = self.chosen
        if choice is not None:
            self._run(lambda: work.mend(choice.config, fix), self._on_mended)

    def undo_mend(self) -> None:
        """Bring back the config as it was before the last edit made here."""
        mended, self._mended = self._mended, None
        if mended is not None:
            self._run(lambda: work.undo_mend(mended), lambda _: self.look_soon())

    def image_of(self, problem: Problem) -> str:
        """Return the dataset's image that a finding is about, "" where it is none of it."""
        content = self._plan.members.get(problem.file) if self._plan else None
        dataset = self._session.dataset
        if dataset is None or not isinstance(content, Path):
            return ""
        place = str(content)
        return next((i.name for i in dataset.items if place in (i.image_file, i.caption_file)), "")

    def bin(self, path: Path) -> None:
        """Move a package and its log to the bin; `binned` says so."""
        project = self._session.project
        if project is None:
            return

        def done(binned: Binned) -> None:
            self._binned = binned
            self.binned.emit(f"{binned.name} is in the bin.")
            self._after_packages()
            self.look_soon()

        self._run(lambda: work.to_bin(path, project), done)

    def undo_bin(self) -> None:
        """Take the last package out of the bin again."""
        binned, self._binned = self._binned, None
        if binned is not None:
            self._run(lambda: work.from_bin(binned), self._on_unbinned)

    def _on_unbinned(self, _result: object) -> None:
        self._after_packages()
        self.look_soon()

    def _begin(self, func: Callable[[TaskContext], object], done: Callable[..., object]) -> None:
        self._step = ""
        self.busy_changed.emit(True)
        self._building = self._run(func, done, self._on_progress, self._on_ended)

    def _on_ended(self) -> None:
        self.busy_changed.emit(False)
        self._after_packages()  # also after a cancel that came too late

    def _run(
        self,
        func: Callable[..., object],
        done: Callable[..., object],
        progress: Callable[[int, int, str], object] | None = None,
        ended: Callable[[], object] | None = None,
    ) -> Task:
        failed = self._session.show_error
        return run_task(func, done, failed, progress, parent=self, ended=ended)

    def _order(self) -> Order | None:
        project = self._session.project
        return self.chosen.order(project) if project and self.chosen else None

    def _config(self) -> TrainingConfig | None:
        try:
            return TrainingConfig.load(self.chosen.config) if self.chosen else None
        except AppError:
            return None

    def _look(self) -> None:
        if self._looking is not None:
            self._looking.abandon()
        order = self._order()
        self.looking.emit(order is not None)
        if order is None:
            return

        def look(context: TaskContext) -> Preview:
            from bespoke_gui.core.package_make import Memory, preview_package

            memory = self._memory = self._memory or Memory()
            return preview_package(order, context.progress, lambda: context.cancelled, memory)

        self._looking = run_task(
            look, self._on_previewed, self._on_refused, self.looked.emit, parent=self
        )

    def _on_previewed(self, preview: Preview) -> None:
        self._plan = preview.plan
        self.looking.emit(False)
        self.verdict = work.verdict_of_preview(preview)
        self.previewed.emit(self.verdict)
        self._tell_changes(preview.changes, preview.since)

    def _on_refused(self, error: Exception) -> None:
        self._plan, self.verdict = None, None
        self.looking.emit(False)
        if not isinstance(error, AppError):
            self._session.show_error(error)
        self.preview_failed.emit(str(error))

    def _tell_changes(self, changes: PackageChanges | None, since: Path | None) -> None:
        self.compared.emit(changes, since.name if since else "")

    def _on_made(self, made: Made) -> None:
        verdict = work.verdict_of_made(made)
        self.judged.emit(verdict)
        self._tell_changes(made.changes, made.since)
        level, words = ("good", "would train") if made.found.ok else ("warning", "would not train")
        details = "\n".join(f"{p.file}: {p.message}".strip(": ") for p in made.problems)
        name = made.report.package.name
        self._session.notify(level, f"Built {name}: it {words}. {verdict.note}".strip(), details)

    def _on_mended(self, mended: work.Mended) -> None:
        self._mended = mended
        self.mended.emit(f"Done in {mended.path.name}: {mended.words}.")
        self.look_soon()

    def _after_packages(self) -> None:
        self._session.packages_changed.emit()
        project = self._session.project
        if project is not None:
            self._run(lambda: work.shelf(project, self._hashes), self._take_shelf)

    def _take(self, found: tuple[list[work.Source], list[Path]]) -> None:
        self.sources, self.configs = found
        self.choices_changed.emit()

    def _take_shelf(self, found: list[Shelved]) -> None:
        self.shelf = found
        self.shelf_changed.emit()


def copy_config(path: Path, folder: Path) -> Path:
    """Copy a config that can be read into `folder`. Raises AppError."""
    TrainingConfig.load(path)
    target = folder / path.name
    if target.exists():
        raise AppError("is there already, nothing was changed", file=target, hint="rename yours")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"cannot be copied: {reason}", file=path) from error
    return target
