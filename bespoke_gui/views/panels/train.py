"""Train panel: set a training up, start it, watch it, and make a gallery of its epochs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runs import RunInfo
from bespoke_gui.launch import engine_env
from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.qtmodels import train_work as work
from bespoke_gui.qtmodels.config_form_model import ConfigFormModel
from bespoke_gui.qtmodels.gallery_work import free_folder
from bespoke_gui.qtmodels.run_desk import LOCAL, RunDesk, prepare_run
from bespoke_gui.qtmodels.run_model import RunsModel, run_title
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import Task, TaskContext, run_task
from bespoke_gui.views.panels import PANELS, Panel
from bespoke_gui.views.widgets.parts import column, heading, muted
from bespoke_gui.views.widgets.run_view import RunView, table_view
from bespoke_gui.views.widgets.train_setup import TrainSetup

CHECK_MS = 250
WATCH_MS = 2000
NO_CONFIG = Problem(
    "no_config", "error", "there is no training config",
    hint="put a training_config.toml into the project's folder configs",
)  # fmt: skip


class TrainPanel(QWidget):
    """The place where a run is started and watched. `engine` and `options` go into new specs."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.engine = "lora"
        self.sampler = "sample"
        self.options: Mapping[str, Any] = {}
        self.form_model = ConfigFormModel(self)
        self.runs = RunsModel(self)
        self.desk = RunDesk(self)
        self._facts: dict[work.TrainingSet, work.SetFacts] = {}
        self._result: work.Preflight | None = None
        self._broken: Problem | None = None
        self._installing: Task | None = None
        self._galleries: dict[Path, Path] = {}
        self._starting = False
        self._build()
        self._check_timer = QTimer(self, singleShot=True, interval=CHECK_MS)
        self._check_timer.timeout.connect(self._check)
        self._watch_timer = QTimer(self, interval=WATCH_MS)
        self._watch_timer.timeout.connect(self.refresh_runs)
        self._connect()
        self._on_project()

    # -- project ----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read configs, sets and runs of the project again."""
        project = self._session.project
        if project is None:
            return
        run_task(
            lambda: work.read_choices(project), self._on_choices, self._session.show_error,
            parent=self,
        )  # fmt: skip
        self.refresh_runs()

    def refresh_runs(self) -> None:
        """Read the list of runs again; attaches to a running one when none is shown."""
        project = self._session.project
        if project is not None:
            run_task(
                lambda: work.all_runs(project),
                lambda found: self._on_runs(found) if project is self._session.project else None,
                self._session.show_error, parent=self,
            )  # fmt: skip

    def _on_project(self) -> None:
        self._facts.clear()
        self._result = None
        self.view.clear()
        self.runs.show([])
        self.form_model.load(None)
        self._watch_timer.stop()
        self.refresh()

    def _on_choices(self, choices: work.Choices) -> None:
        before = self.setup.config_path()
        self.setup.show_choices(choices)
        after = self.setup.config_path()
        if after != before or self.form_model.config is None:
            self.open_config(after)
        self._check_soon()

    def _on_runs(self, found: list[RunInfo]) -> None:
        self.runs.show(found)
        running = [info for info in found if info.state == "running"]
        if running:
            self._watch_timer.start()
        else:
            self._watch_timer.stop()
        self.pages.setCurrentIndex(1 if found or self._starting else 0)
        if self.view.run_dir is None and found and not self._starting:
            self.show_run((running or found)[0])

    # -- config -----------------------------------------------------------------------------

    def open_config(self, path: Path | None) -> None:
        """Show a config in the form; unsaved edits of another one are asked about first."""
        if path is not None and self.form_model.is_dirty and not self._may_leave():
            config = self.form_model.config
            self.setup.choose_config(config.path if config else None)
            return
        self._broken = None
        try:
            self.form_model.load(TrainingConfig.load(path) if path else None)
        except AppError as error:
            self._broken = problem_from(error)
            self.form_model.load(None)
            self._session.show_error(error)
        self._check_soon()

    def save_config(self) -> bool:
        """Write the config and keep its text in the history; False when that failed."""
        project, config = self._session.project, self.form_model.config
        if project is None or config is None:
            return False
        try:
            work.save_config(config, project)
        except AppError as error:
            self._session.show_error(error)
            return False
        self.form_model.saved()
        return True

    def revert_config(self) -> None:
        """Read the config from its file again."""
        config = self.form_model.config
        self.form_model.load(None)
        self.open_config(config.path if config else None)

    def _may_leave(self) -> bool:
        answer = self._session.ask.choose(
            "Save the edited config?", "Its edits are not written yet.",
            [("save", "Save"), ("drop", "Throw away")],
        )  # fmt: skip
        return self.save_config() if answer == "save" else answer == "drop"

    # -- preflight --------------------------------------------------------------------------

    def _check_soon(self) -> None:
        self.setup.show_preflight(None)
        self._check_timer.start()

    def _check(self) -> None:
        project, config = self._session.project, self.form_model.config
        if project is None or config is None:
            self.setup.show_preflight(work.Preflight([self._broken or NO_CONFIG]))
            self._show_start()
            return
        chosen = self.setup.training_set()
        if chosen is None or chosen in self._facts:
            self._judge(config, chosen)
            return

        def known(facts: work.SetFacts) -> None:
            self._facts[chosen] = facts
            self._check()

        run_task(
            lambda: work.read_set(chosen, project), known, self._session.show_error, parent=self
        )

    def _judge(self, config: TrainingConfig, chosen: work.TrainingSet | None) -> None:
        facts = self._facts.get(chosen) if chosen else None
        text, path = config.text(), config.path

        def judged(result: work.Preflight) -> None:
            if config is self.form_model.config and text == config.text():
                self._result = result
                self.setup.show_preflight(result)
                self._show_start()

        # A copy: the form may edit its config while this one is being judged.
        run_task(
            lambda: work.preflight(TrainingConfig(text, path), chosen, facts),
            judged, self._session.show_error, parent=self,
        )  # fmt: skip

    def _show_start(self) -> None:
        config, chosen = self.form_model.config, self.setup.training_set()
        if config is None:
            self.setup.show_start("Start training", "There is no config in configs/", False)
        elif chosen is None:
            self.setup.show_start("Start training", "There are no images to train on", False)
        elif self._starting or self._installing is not None:
            self.setup.show_start("Starting", "", False)
        else:
            plan = self._result.plan if self._result else None
            words = f"Start training: {plan.epochs} epochs" if plan else "Start training"
            self.setup.show_start(words, "Starts on this computer (Ctrl+Return)", True)

    # -- starting ---------------------------------------------------------------------------

    def start(self) -> None:
        """Start the training as it is set up, after one question where something is in the way."""
        config, chosen = self.form_model.config, self.setup.training_set()
        project = self._session.project
        if config is None or chosen is None or project is None or self._starting:
            return
        if not self._errors_accepted():
            return
        text, path, base = config.text(), config.path, self.setup.base()
        name = path.stem if path else "lora"
        engine, options = self.engine, dict(self.options)

        def make() -> RunDir:
            copy = TrainingConfig(text, path)
            spec = work.training_spec(
                copy, chosen, engine=engine, base=base, name=name, options=options
            )
            return prepare_run(project.runs_dir, spec, text)

        self._with_engine(engine, lambda: self._launch(make, name))

    def generate_gallery(self) -> None:
        """Make the pictures of every epoch of the shown run, with LoRA off as the first row."""
        project, source = self._session.project, self.view.run_dir
        if project is None or source is None:
            return
        out = free_folder(project.galleries_dir, self.view.title.text())
        engine, options = self.sampler, dict(self.options)
        spec = work.read_json(source.spec_path) or {}

        def make() -> RunDir:
            return work.gallery_run(
                project, [source.folder], out,
                base=str(spec.get("base", "")), engine=engine, options=options,
            )  # fmt: skip

        self._with_engine(engine, lambda: self._launch(make, f"Gallery {out.name}", True))

    def resume(self) -> None:
        """Go on with the shown run from its last state."""
        run_dir = self.view.run_dir
        if run_dir is not None:
            title = self.view.title.text()
            engine = str((work.read_json(run_dir.spec_path) or {}).get("engine", ""))
            self._with_engine(engine, lambda: self._launch(lambda: work.resumed(run_dir), title))

    def _errors_accepted(self) -> bool:
        count = self._result.errors if self._result else 0
        if not count:
            return True
        first = next(p for p in self._result.problems if p.severity == "error")  # type: ignore[union-attr]
        answer = self._session.ask.choose(
            "Start in spite of errors?", f"{first.message}\n{first.hint}",
            [("back", "Look at it"), ("start", "Start all the same")],
        )  # fmt: skip
        return answer == "start"

    def _with_engine(self, engine: str, then: Any) -> None:
        """Run `then` once there is a Python that can run the engine; installs one if agreed."""
        if engine in engine_env.WITHOUT_TORCH or engine_env.engine_python() is not None:
            then()
            return
        size = engine_env.INSTALL_BYTES / 1e9
        answer = self._session.ask.choose(
            "Install the training engine?",
            f"Training needs PyTorch and diffusers: about {size:.1f} GB, once, into "
            f"{engine_env.folder()}. Nothing else on this computer is changed.",
            [("install", "Install and start")],
        )
        if answer == "install":
            self._install(then)

    def _install(self, then: Any) -> None:
        def work_(context: TaskContext) -> None:
            engine_env.install(lambda line: context.progress(0, 0, line), lambda: context.cancelled)

        def ended() -> None:
            self._installing = None
            self.setup.show_busy("")
            self._show_start()

        self.setup.show_busy("Installing the training engine")
        self._installing = run_task(
            work_, lambda _: then(), self._session.show_error,
            lambda done, total, line: self.setup.show_busy(_short(line)), self, ended,
        )  # fmt: skip
        self._show_start()

    def cancel_install(self) -> None:
        """Stop installing the engine."""
        if self._installing is not None:
            self._installing.cancel()

    def _launch(self, make: Any, title: str, generates: bool = False) -> None:
        def work_() -> RunDir:
            run_dir = make()
            BACKENDS[LOCAL].start(run_dir)
            return run_dir

        def started(run_dir: RunDir) -> None:
            self._starting = False
            self.view.attach(run_dir, title, generates)
            self._session.runs_changed.emit()
            self._show_start()

        def failed(error: Exception) -> None:
            self._starting = False
            self.view.clear()
            self._session.show_error(error)
            self.refresh_runs()
            self._show_start()

        self._starting = True
        self.pages.setCurrentIndex(1)
        self.view.show_starting(title)
        self._show_start()
        run_task(work_, started, failed, parent=self)

    # -- watching ---------------------------------------------------------------------------

    def show_run(self, info: RunInfo) -> None:
        """Show a run and follow it while it lives."""
        run_dir = RunDir(info.folder)
        self.view.attach(run_dir, run_title(info), bool(info.spec.get("loras")))
        self.desk.resume_ladder(run_dir)

    def _control(self, control: str) -> None:
        run_dir = self.view.run_dir
        if run_dir is None:
            return
        if control == "resume":
            run_dir.withdraw("pause")
        elif control == "stop":
            self._stop(run_dir)
        elif control == "stop_after_epoch" and run_dir.requested(control):
            run_dir.withdraw(control)
        else:
            run_dir.request(control)

    def _stop(self, run_dir: RunDir) -> None:
        generates = bool((work.read_json(run_dir.spec_path) or {}).get("loras"))
        choices = [("stop", "Save and stop now"), ("epoch", "Stop after this epoch")]
        text = "The checkpoints so far are kept, and the run can go on from here later."
        if generates:
            choices, text = [("stop", "Stop generating")], "The pictures so far are kept."
        answer = self._session.ask.choose("Stop this run?", text, choices)
        if answer == "stop":
            run_dir.withdraw("pause")
            self.desk.stop(run_dir)
        elif answer == "epoch":
            run_dir.request("stop_after_epoch")
            self.view.refresh()

    def _on_ended(self, state: str) -> None:
        run_dir = self.view.run_dir
        self.refresh_runs()
        self._session.runs_changed.emit()
        if run_dir is not None and run_dir.folder.name == work.JOB:
            self._session.galleries_changed.emit()
            if state == "finished":
                self._session.notify("good", "The gallery is ready")
                self._session.go_to.emit("gallery")

    def _on_row(self, index: QModelIndex) -> None:
        info = self.runs.rows[index.row()]
        if self.view.run_dir is None or self.view.run_dir.folder != info.folder:
            self.show_run(info)

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.setup = TrainSetup(self.form_model)
        self.view = RunView(self._session)
        table = table_view(self.runs, "All runs of the project", (0, 110, 110, 90, 150))
        table.activated.connect(self._on_row)
        table.clicked.connect(self._on_row)
        self.view.tabs.addTab(table, "All runs")
        live = QWidget()
        live_box = QVBoxLayout(live)
        live_box.setContentsMargins(12, 16, 16, 12)
        live_box.addWidget(self.view)
        self.pages = QStackedWidget()
        self.pages.addWidget(_empty_page())
        self.pages.addWidget(live)
        splitter = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        self.setup.setMinimumWidth(360)
        splitter.addWidget(self.setup)
        splitter.addWidget(self.pages)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([424, 920])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)

    def _connect(self) -> None:
        session, setup, view = self._session, self.setup, self.view
        session.project_changed.connect(self._on_project)
        session.packages_changed.connect(self.refresh)
        session.runs_changed.connect(self.refresh_runs)
        setup.config_chosen.connect(self.open_config)
        setup.set_chosen.connect(self._check_soon)
        setup.save_wanted.connect(self.save_config)
        setup.revert_wanted.connect(self.revert_config)
        setup.browse_wanted.connect(self._browse_base)
        setup.start_wanted.connect(self.start)
        setup.cancel_wanted.connect(self.cancel_install)
        QShortcut(QKeySequence("Ctrl+Return"), self, setup.start.click)
        setup.form.failed.connect(session.show_error)
        self.form_model.changed.connect(lambda _: self._check_soon())
        view.control_wanted.connect(self._control)
        view.gallery_wanted.connect(self.generate_gallery)
        view.resume_wanted.connect(self.resume)
        view.ended.connect(self._on_ended)
        self.desk.ladder_changed.connect(view.show_ladder)

    def _browse_base(self) -> None:
        folder = self._session.ask.folder("Folder with a base model")
        if folder is not None:
            self.setup.set_base(str(folder))


def _empty_page() -> QWidget:
    page = QWidget()
    words = muted(
        "Choose a config and a set on the left, look at what stands in the way, and start. "
        "Every epoch appears here with its checkpoint; closing the window does not stop a run."
    )
    words.setMaximumWidth(480)
    outer = QHBoxLayout(page)
    middle = QVBoxLayout()
    middle.addStretch(2)
    middle.addLayout(column(heading("Nothing trained yet", 1.6), words, spacing=12))
    middle.addStretch(3)
    outer.addStretch(1)
    outer.addLayout(middle)
    outer.addStretch(1)
    return page


def _short(line: str) -> str:
    return line if len(line) <= 56 else line[:55] + "…"


PANELS.add("train", Panel("train", "Train", 40, "train", TrainPanel))
