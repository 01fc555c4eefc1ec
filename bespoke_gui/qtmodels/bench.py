"""Prompt bench: starts a trial, follows it while it is made, and keeps the list of trials."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery_names import prompt_name
from bespoke_gui.core.kept_trials import KeptTrial, read_trial, send_to_galleries
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.qtmodels import bench_work as work
from bespoke_gui.qtmodels.gallery_work import free_folder
from bespoke_gui.qtmodels.image_export import trial_parts
from bespoke_gui.qtmodels.run_follower import RunFollower
from bespoke_gui.qtmodels.run_starter import RunStarter
from bespoke_gui.qtmodels.run_story import RunStory, SampleRow
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task
from bespoke_gui.qtmodels.trial_model import TrialModel

if TYPE_CHECKING:
    from bespoke_gui.core.trial import TrialImage


class PromptBench(QObject):
    """`engine` and `options` go into new trials.

    listed: sources and trials were read; loaded: the epochs of the chosen source (LoraFile) are
    known; opened: another trial is shown; progressed: the one being made went on, ended or
    failed; prompt_added: the protocol has a prompt more; parts_read: what can be exported.
    """

    listed = Signal()
    loaded = Signal(list)
    opened = Signal()
    progressed = Signal()
    prompt_added = Signal()
    parts_read = Signal(list)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.engine = "sample"
        self.options: Mapping[str, Any] = {}
        self.sources: list[work.Source] = []
        self.trials: list[KeptTrial] = []
        self.files: list[work.Source] = []
        self.model = TrialModel(self)
        self.starter = RunStarter(session, self)
        self.follower = RunFollower(self)
        self.failure = ""
        self.note = ""
        self._connect()
        self.on_project()

    # -- what there is ----------------------------------------------------------------------

    def on_project(self) -> None:
        """Forget the trials of another project and look for those of this one."""
        self.follower.leave()
        self.sources, self.trials, self.files = [], [], []
        self.failure = self.note = ""
        self.model.show(None, [], False)
        self.opened.emit()
        self.refresh()

    def refresh(self) -> None:
        """Read runs and trials again; shows the newest trial where none is shown."""
        project = self.session.project
        if project is None:
            self.listed.emit()
            return

        def done(found: work.Bench) -> None:
            if project is self.session.project:
                self._take(found)

        run_task(lambda: work.read_bench(project), done, self.session.show_error, parent=self)

    def _take(self, found: work.Bench) -> None:
        self.sources, self.trials = [*found.sources, *self.files], found.trials
        if found.running is not None and self.running is None:
            self._follow(found.running)
        self.listed.emit()
        if self.model.trial is None and self.trials:
            self.open(self.running.folder.parent if self.running else self.trials[0].folder)

    def choose(self, source: work.Source) -> None:
        """Read the epochs of a source; `loaded` tells them."""
        run_task(
            lambda: work.loras_of(source), self.loaded.emit, self.session.show_error, parent=self
        )

    def pick_files(self) -> work.Source | None:
        """Ask for LoRA files and offer them as a source."""
        paths = self.session.ask.open_files("LoRA files", "LoRA (*.safetensors)")
        if not paths:
            return None
        source = work.file_source(paths)
        self.files.append(source)
        self.sources.append(source)
        self.listed.emit()
        return source

    # -- trials -----------------------------------------------------------------------------

    def open(self, folder: Path) -> None:
        """Show a trial that was kept, or is being made."""

        def read() -> tuple[KeptTrial, list]:
            trial = read_trial(folder)
            return trial, trial.made()

        def done(found: tuple[KeptTrial, list]) -> None:
            self.model.show(*found, self._is_made_now(folder))
            self.opened.emit()

        run_task(read, done, self.session.show_error, parent=self)

    def start(self, wish: work.Wish, out: Path | None = None) -> None:
        """Try a prompt; into a new folder, or into `out` where images are missing."""
        project = self.session.project
        if project is None or self.is_busy:
            return
        target = out or free_folder(project.tries_dir, prompt_name(wish.texts[0]))
        engine, options = self.engine, dict(self.options)

        def make() -> RunDir:
            return work.trial_run(project, wish, target, engine=engine, options=options)

        self.failure = ""
        self.starter.start(engine, make, target.name, True)

    def make_missing(self) -> None:
        """Make what is missing of the shown trial; what is there stays."""
        trial = self.model.trial
        if trial is None:
            return
        try:
            source = work.source_of(trial, self.sources)
        except AppError as error:
            self.session.show_error(error)
            return
        wish = work.Wish(
            trial.prompts, trial.negative, source, trial.epochs, trial.strengths, trial.seeds
        )
        self.start(wish, trial.folder)

    def cancel(self) -> None:
        """End what is going on: the installation of the engine, or the generation."""
        if self.running is not None:
            self.follower.stop()
        else:
            self.starter.cancel_install()
        self.progressed.emit()

    def keep(self) -> None:
        """Add the prompts of the shown trial to the project's protocol."""
        trial, project = self.model.trial, self.session.project
        if trial is None or project is None:
            return
        try:
            names = [work.keep(project, text, trial.negative).name for text in trial.prompts]
        except Exception as error:  # noqa: BLE001 - told in the window, in words
            self.session.show_error(error)
            return
        self.prompt_added.emit()
        self.session.notify("good", f"In the protocol as {', '.join(names)}")

    def read_parts(self, image: TrialImage) -> None:
        """Find out what can be exported beside an image; `parts_read` brings a list of Part."""
        trial = self.model.trial
        if trial is not None:
            run_task(
                lambda: trial_parts(trial, image), self.parts_read.emit, self.session.show_error,
                parent=self,
            )  # fmt: skip

    def send(self, strength: float) -> None:
        """Copy the images of one strength into the project as a gallery."""
        trial, project = self.model.trial, self.session.project
        if trial is None or project is None:
            return
        name = f"{trial.folder.name}-strength-{strength:g}"
        target = free_folder(project.galleries_dir, name)

        def done(path: Path) -> None:
            self.session.galleries_changed.emit()
            self.session.notify("good", f"Copied as gallery {path.name}")

        run_task(
            lambda: send_to_galleries(trial, strength, target), done, self.session.show_error,
            parent=self,
        )  # fmt: skip

    # -- following --------------------------------------------------------------------------

    @property
    def running(self) -> RunDir | None:
        """The run that makes images now."""
        return self.follower.run

    @property
    def story(self) -> RunStory:
        """What the run that makes images, or made the last ones, has told so far."""
        return self.follower.story

    @property
    def is_busy(self) -> bool:
        """Whether an engine is being installed, started or at work."""
        return self.running is not None or self.starter.is_busy

    def _is_made_now(self, folder: Path) -> bool:
        return self.running is not None and self.running.folder.parent == folder

    def _on_started(self, run_dir: RunDir) -> None:
        self._follow(run_dir)
        self.open(run_dir.folder.parent)
        self.refresh()

    def _follow(self, run_dir: RunDir) -> None:
        self.follower.follow(run_dir)
        self.progressed.emit()

    def _on_sampled(self, samples: list[SampleRow]) -> None:
        shown, run_dir = self.model.trial, self.running
        if run_dir and shown and self._is_made_now(shown.folder):
            self.model.add([run_dir.folder / row.path for row in samples])
        self.progressed.emit()

    def _on_ended(self, run_dir: RunDir, state: str) -> None:
        if self.model.trial is not None and self.model.trial.folder == run_dir.folder.parent:
            self.model.show_ended()
        self.failure = self._why(run_dir, state)
        self.progressed.emit()

    def _why(self, run_dir: RunDir, state: str) -> str:
        """Return why it ended early, "" where it did not."""
        if state == "cancelled":
            return "Cancelled: the images so far are kept."
        if state == "lost":
            from bespoke_gui.core.runs import LOST

            return f"{LOST['message'].capitalize()}; {LOST['hint']}."
        told = self.follower.failure_of(run_dir)
        words = [str(told.get(name) or "") for name in ("message", "hint")]
        return ": ".join(filter(None, words)) if state == "failed" else ""

    def _on_installing(self, words: str) -> None:
        self.note = words
        self.progressed.emit()

    def _connect(self) -> None:
        self.session.project_changed.connect(self.on_project)
        self.session.runs_changed.connect(self.refresh)
        self.starter.installing.connect(self._on_installing)
        self.starter.started.connect(lambda run_dir, *_: self._on_started(run_dir))
        self.follower.sampled.connect(self._on_sampled)
        self.follower.ended.connect(self._on_ended)
        for signal in (self.starter.changed, self.follower.stopping):
            signal.connect(self.progressed)
