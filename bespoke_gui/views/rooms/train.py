"""Train room: start a training, watch it, and pages about it, such as the config's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QModelIndex, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.machines import Machine
from bespoke_gui.core.queue.entry import Entry
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runs import RunInfo
from bespoke_gui.core.runspec import EMBEDDED
from bespoke_gui.qtmodels import start_words
from bespoke_gui.qtmodels import train_work as work
from bespoke_gui.qtmodels.config_desk import ConfigDesk
from bespoke_gui.qtmodels.gallery_work import free_folder
from bespoke_gui.qtmodels.place_desk import PlaceDesk
from bespoke_gui.qtmodels.preflight_model import PreflightModel
from bespoke_gui.qtmodels.queue_desk import queue_of
from bespoke_gui.qtmodels.run_desk import LOCAL, RunDesk, prepare_run
from bespoke_gui.qtmodels.run_model import RunsModel, run_title
from bespoke_gui.qtmodels.run_starter import RunStarter
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task
from bespoke_gui.views.page import in_order
from bespoke_gui.views.page_switch import PageSwitch
from bespoke_gui.views.train_pages import TRAIN_PAGES, TrainPage
from bespoke_gui.views.widgets.parts import row
from bespoke_gui.views.widgets.run_page import RunPage
from bespoke_gui.views.widgets.run_view import RunView, table_view
from bespoke_gui.views.widgets.train_setup import KOHYA, TrainSetup

WATCH_MS = 2000
START = "Start training"
RUN, CONFIG, QUEUE = "run", "config", "queue"


class TrainPanel(QWidget):
    """The place where a run is started and watched.

    `engine` (in place of the chosen trainer) and `options` go into new specs.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.engine = ""
        self.sampler = "sample"
        self.options: Mapping[str, Any] = {}
        self.runs = RunsModel(self)
        self._reader = work.RunsReader()
        self.desk = RunDesk(self)
        self.preflight = PreflightModel(session, self)
        self.configs = ConfigDesk(session, self.preflight, self)
        self.starter = RunStarter(session, self)
        self.queue = queue_of(session)
        self.queue.offer = self.queue_entry
        self.queue.agreed = self._start_agreed
        self.places = PlaceDesk(session, self)
        self._checkout = work.known_checkout()
        self._offered = (LOCAL, self._checkout)
        self._build()
        self._watch_timer = QTimer(self, interval=WATCH_MS)
        self._watch_timer.timeout.connect(self.refresh_runs)
        self._connect_setup()
        self._connect_runs()
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
                lambda: self._reader.read(project),
                lambda found: self._on_runs(found) if project is self._session.project else None,
                self._session.show_error, parent=self,
            )  # fmt: skip

    def _on_project(self) -> None:
        self.preflight.forget()
        self.view.clear()
        self.runs.show([])
        if self._session.project is None or not self.configs.is_of(self._session.project):
            self.configs.take_files(self._session.project, [])
        self._watch_timer.stop()
        self.refresh()
        self.preflight.forget_runs()

    def _on_choices(self, choices: work.Choices) -> None:
        self.setup.show_choices(choices)
        self.configs.take_files(self._session.project, choices.configs)
        if self.configs.chosen not in self.configs.paths:
            self.configs.open(next(iter(self.configs.paths), None))
        self._check()

    def _on_runs(self, found: list[RunInfo]) -> None:
        self.runs.show(found)
        running = [info for info in found if info.state == "running"]
        if running:
            self._watch_timer.start()
        else:
            self._watch_timer.stop()
        starting = self.starter.is_starting
        self.pages.show_run(bool(found) or starting)
        if self.view.run_dir is None and found and not starting:
            self.show_run((running or found)[0])

    # -- pages ------------------------------------------------------------------------------

    def page(self, name: str) -> QWidget:
        """Return the widget of a page, building it if this is the first time."""
        return self._switch.page(name)

    def show_page(self, name: str) -> None:
        """Open a page: the run, or one of those that register themselves."""
        self._switch.show(name)

    def edit_config(self, key: str = "") -> None:
        """Open the config page, at an option where one is named."""
        self.show_page(CONFIG)
        if key:
            self.configs.key_wanted.emit(key)

    # -- starting ---------------------------------------------------------------------------

    def start(self) -> None:
        """Start the training as it is set up, after one question where something is in the way."""
        config, chosen = self.configs.config, self.setup.training_set()
        project = self._session.project
        if config is None or chosen is None or project is None or self.starter.is_busy:
            return
        if not self._start_agreed():
            return
        text, path, base = config.text(), config.path, self.setup.base()
        name = path.stem if path else "lora"
        engine, options = self.engine or self.setup.engine(), dict(self.options)
        if not self._trainer_fits(config, engine):
            return
        if engine == KOHYA and self.places.backend == LOCAL:
            options["sd_scripts"] = self._checkout
        backend, place = self.places.backend, self.places.place

        def make() -> RunDir:
            copy = TrainingConfig(text, path)
            spec = work.training_spec(
                copy, chosen, engine=engine, base=base, name=name, options=options
            )
            spec.place = place
            return prepare_run(project.runs_dir, spec, text)

        self.starter.start(engine, make, name, backend=backend)

    def queue_entry(self) -> Entry | None:
        """Return what would be started now as an entry of the queue; None, and why, for nothing."""
        config, chosen = self.configs.config, self.setup.training_set()
        project, places = self._session.project, self.places
        if config is None or chosen is None or project is None:
            hint = "choose a config and images on the page Run"
            self._session.notify("info", "There is nothing to train yet", hint)
            return None
        engine, options = self.engine or self.setup.engine(), dict(self.options)
        if not self._trainer_fits(config, engine):
            return None
        if engine == KOHYA and places.backend == LOCAL:
            options["sd_scripts"] = self._checkout
        entry = work.queue_entry(
            project, config, chosen, engine=engine, base=self.setup.base(), options=options
        )
        return replace(entry, backend=places.backend, place=places.place)

    def add_to_queue(self) -> None:
        """Put the training as it is set up in line, and show the line."""
        entry = self.queue_entry()
        if entry is not None and self._start_agreed():
            self.queue.add([entry])
            self.show_page(QUEUE)

    def _trainer_fits(self, config: TrainingConfig, engine: str) -> bool:
        """Say so where the chosen trainer cannot train the chosen base."""
        base = self.setup.base() or str(config.get("pretrained_model_name_or_path") or EMBEDDED)
        if engine != KOHYA or base != EMBEDDED:
            return True
        hint = "choose the built-in trainer, or a Stable Diffusion 1.5"
        self._session.notify("warning", "sd-scripts cannot train the embedded base", hint)
        return False

    def _show_queued(self, run: str) -> None:
        project = self._session.project
        if project is not None and (project.runs_dir / run / "spec.json").is_file():
            self.show_run(work.read_run(project.runs_dir / run))
            self.show_page(RUN)

    def generate_gallery(self) -> None:
        """Make the pictures of every epoch of the shown run, with LoRA off as the first row."""
        project, source = self._session.project, self.view.run_dir
        if project is None or source is None:
            return
        out = free_folder(project.galleries_dir, self.view.title.text())
        engine, options = self.sampler, dict(self.options)
        base = str((work.read_json(source.spec_path) or {}).get("base", ""))

        def make() -> RunDir:
            return work.gallery_run(
                project, [source.folder], out, base=base, engine=engine, options=options
            )

        self.starter.start(engine, make, f"Gallery {out.name}", True)

    def resume(self) -> None:
        """Go on with the shown run from its last state."""
        run_dir = self.view.run_dir
        if run_dir is not None:
            engine = str((work.read_json(run_dir.spec_path) or {}).get("engine", ""))
            self.starter.start(
                engine, lambda: work.resumed(run_dir), self.view.title.text(),
                backend=str(self.view.job.get("backend") or LOCAL),
            )  # fmt: skip

    def _check(self) -> None:
        """Have config and set judged soon."""
        if self._session.project is not None:
            chosen = self.setup.training_set()
            self.preflight.ask(self.configs.config, chosen, self.configs.broken)

    def _on_judged(self, result: work.Preflight) -> None:
        self.setup.briefing.show_preflight(result)
        self._show_start()

    def _show_start(self) -> None:
        if self.configs.config is None:
            why = "The config is no TOML yet" if self.configs.broken else "There is no config yet"
            self.setup.show_start(START, why, False)
        elif self.setup.training_set() is None:
            self.setup.show_start(START, "There are no images to train on", False)
        elif self.starter.is_busy:
            self.setup.show_start("Starting", "", False)
        else:
            plan = self.preflight.result.plan if self.preflight.result else None
            words = f"{START}: {plan.epochs} epochs" if plan else START
            tip = f"{start_words.place_words(self.places)} (Ctrl+Return)"
            self.setup.show_start(words, tip, True)

    def _start_agreed(self) -> bool:
        """Ask once, where something stands in the way or money would be spent."""
        question = start_words.start_question(
            self.places, self.preflight.first_error(), self.preflight.result
        )
        return question is None or self._session.ask.choose(*question) == "start"

    def _on_place(self) -> None:
        places = self.places
        self.preflight.set_place(places.gpu(), places.price(), places.problems())
        is_here, machine = places.backend == LOCAL, places.machine
        checkout = self._checkout if is_here else machine.sd_scripts if machine else ""
        if (places.key, checkout) != self._offered:
            # sd-scripts is what people train with where they have a checkout of it.
            self._offered = (places.key, checkout)
            self.setup.show_checkout(checkout, chosen=bool(checkout))
        self.setup.checkout.setVisible(is_here)
        self._show_start()

    def _on_starting(self, title: str) -> None:
        self.pages.show_run(True)
        self.view.show_starting(title)

    def _on_started(self, run_dir: RunDir, title: str, generates: bool) -> None:
        self.view.attach(run_dir, title, generates)
        self._session.runs_changed.emit()

    def _on_start_failed(self) -> None:
        self.view.clear()
        self.refresh_runs()

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
        elif control == "release":
            self._release(run_dir)
        elif control == "fetch":
            self.desk.ask(run_dir, "fetch", self._session.show_error)
        elif control == "follow":
            self.desk.follow(run_dir, self._session.show_error)
        elif control == "stop_after_epoch" and run_dir.requested(control):
            run_dir.withdraw(control)
        else:
            run_dir.request(control)

    def _stop(self, run_dir: RunDir) -> None:
        answer = self._how_to_stop(run_dir)
        if answer == "stop":
            run_dir.withdraw("pause")
            self.desk.stop(run_dir)
        elif answer == "epoch":
            run_dir.request("stop_after_epoch")
            self.view.refresh()

    def _how_to_stop(self, run_dir: RunDir) -> str:
        generates = bool((work.read_json(run_dir.spec_path) or {}).get("loras"))
        question = start_words.stop_question(self.view.job, generates)
        return self._session.ask.choose("Stop this run?", *question)

    def _release(self, run_dir: RunDir) -> None:
        """Give a rented machine back, or fetch what is missing first."""
        question = start_words.release_question(self.view.job, self.view.state)
        answer = self._session.ask.choose("Give the machine back now?", *question)
        if answer:
            self.desk.ask(run_dir, answer, self._session.show_error)

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
        self.setup = TrainSetup(self.configs, self.places)
        self.view = RunView(self._session)
        table = table_view(self.runs, "All runs of the project", (0, 110, 110, 90, 150))
        table.activated.connect(self._on_row)
        table.clicked.connect(self._on_row)
        self.view.tabs.addTab(table, "All runs")
        self.pages = RunPage(self.setup, self.view)
        run = TrainPage(RUN, "Run", 0, "play", lambda _: self.pages)
        self._switch = PageSwitch(self, [run, *in_order(TRAIN_PAGES)], self.configs)
        self._switch.show(RUN)
        bar = row(*self._switch.buttons.values(), None, spacing=4)
        bar.setContentsMargins(12, 0, 12, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self._switch.stack, 1)

    def _connect_setup(self) -> None:
        setup = self.setup
        setup.config_chosen.connect(self.configs.open)
        setup.set_chosen.connect(self._check)
        setup.save_wanted.connect(lambda: self.configs.save())
        setup.edit_wanted.connect(self.edit_config)
        setup.browse_wanted.connect(self._browse_base)
        setup.checkout_wanted.connect(self._browse_checkout)
        setup.show_checkout(self._checkout, chosen=bool(self._checkout))
        setup.start_wanted.connect(self.start)
        setup.queue_wanted.connect(self.add_to_queue)
        self.queue.run_wanted.connect(self._show_queued)
        setup.cancel_wanted.connect(self.starter.cancel_install)
        QShortcut(QKeySequence("Ctrl+Return"), self, setup.start.click)
        self.configs.opened.connect(self._check)
        self.configs.opened.connect(self._show_start)
        self.configs.edited.connect(self._check)
        self.preflight.checking.connect(lambda: setup.briefing.show_preflight(None))
        self.preflight.judged.connect(self._on_judged)
        setup.briefing.machine_chosen.connect(self.preflight.set_gpu)
        self.places.chosen_changed.connect(self._on_place)
        setup.where.add_wanted.connect(lambda: self.edit_machine(None))
        setup.where.edit_wanted.connect(lambda: self.edit_machine(self.places.machine))
        setup.where.remove_wanted.connect(self._remove_machine)
        setup.where.trust_wanted.connect(self._trust_machine)

    def _connect_runs(self) -> None:
        session, view, starter = self._session, self.view, self.starter
        session.project_changed.connect(self._on_project)
        session.packages_changed.connect(self.refresh)
        session.runs_changed.connect(self.refresh_runs)
        session.runs_changed.connect(self.preflight.forget_runs)
        starter.changed.connect(self._show_start)
        starter.installing.connect(self.setup.show_busy)
        starter.starting.connect(self._on_starting)
        starter.started.connect(self._on_started)
        starter.failed.connect(self._on_start_failed)
        view.control_wanted.connect(self._control)
        view.gallery_wanted.connect(self.generate_gallery)
        view.resume_wanted.connect(self.resume)
        view.ended.connect(self._on_ended)
        self.desk.ladder_changed.connect(view.show_ladder)

    def edit_machine(self, machine: Machine | None) -> None:
        """Open the dialog of a machine, None for a new one."""
        from bespoke_gui.views.widgets.machine_dialog import MachineDialog

        MachineDialog(self._session, self.places, machine, self).open()

    def _remove_machine(self) -> None:
        machine = self.places.machine
        title, text = "Forget this machine?", "Nothing on the machine is touched."
        if machine and self._session.ask.choose(title, text, [("yes", "Forget it")]):
            self.places.remove(machine.name)

    def _trust_machine(self) -> None:
        from bespoke_gui.views.widgets.machine_dialog import may_trust

        machine = self.places.machine
        looked = self.places.looks.get(machine.name) if machine else None
        if machine and looked and looked.key and may_trust(self._session, machine, looked):
            self.places.trust(machine, looked.key)

    def _browse_checkout(self) -> None:
        """Ask for an sd-scripts checkout, remember it and train with it."""
        folder = self._session.ask.folder("Folder with kohya-ss/sd-scripts")
        if folder is None:
            return
        try:
            known = str(work.remembered_checkout(folder))
        except AppError as error:
            self._session.show_error(error)
            return
        # The session writes its own copy of the settings later.
        self._session.settings.sd_scripts = self._checkout = known
        self._on_place()
        self.setup.show_checkout(known, chosen=True)

    def _browse_base(self) -> None:
        folder = self._session.ask.folder("Folder with a base model")
        if folder is not None:
            self.setup.set_base(str(folder))
