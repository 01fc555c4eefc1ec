"""Train room: start a training, watch it, and pages about it, such as the config's."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runs import RunInfo
from bespoke_gui.qtmodels import train_work as work
from bespoke_gui.qtmodels.config_desk import ConfigDesk
from bespoke_gui.qtmodels.place_desk import PlaceDesk
from bespoke_gui.qtmodels.preflight_model import PreflightModel
from bespoke_gui.qtmodels.run_desk import RunDesk
from bespoke_gui.qtmodels.run_model import RunsModel, run_title
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task
from bespoke_gui.views.page import in_order
from bespoke_gui.views.page_switch import PageSwitch
from bespoke_gui.views.train_pages import TRAIN_PAGES, TrainPage
from bespoke_gui.views.widgets.parts import row
from bespoke_gui.views.widgets.place_orders import PlaceOrders
from bespoke_gui.views.widgets.run_orders import RunOrders
from bespoke_gui.views.widgets.run_page import RunPage
from bespoke_gui.views.widgets.run_view import RunView
from bespoke_gui.views.widgets.start_orders import StartOrders
from bespoke_gui.views.widgets.tables import table_view
from bespoke_gui.views.widgets.train_setup import TrainSetup

WATCH_MS = 2000
RUN, CONFIG, QUEUE = "run", "config", "queue"


class TrainPanel(QWidget):
    """The place where a run is started and watched: its pages, and what each is told."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.runs = RunsModel(self)
        self._reader = work.RunsReader()
        self.desk = RunDesk(self)
        self.preflight = PreflightModel(session, self)
        self.configs = ConfigDesk(session, self.preflight, self)
        self.places = PlaceDesk(session, self)
        self._build()
        self.starting = StartOrders(session, self.setup, self.configs, self.preflight, self.places)
        RunOrders(session, self.view, self.desk)
        PlaceOrders(session, self.setup, self.places)
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
        starting = self.starting.starter.is_starting
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

    # -- judging and starting ---------------------------------------------------------------

    def _check(self) -> None:
        """Have config and set judged soon."""
        if self._session.project is not None:
            chosen = self.setup.training_set()
            self.preflight.set_trainer(self.setup.trainer())
            self.preflight.ask(self.configs.config, chosen, self.configs.broken)

    def _on_judged(self, result: work.Preflight) -> None:
        self.setup.briefing.show_preflight(result)
        self.starting.show()

    def _on_place(self) -> None:
        places = self.places
        self.preflight.set_trainer(self.setup.trainer())
        self.preflight.set_place(places.gpu(), places.price(), places.problems())
        self.starting.show()

    def _on_trainer(self) -> None:
        self.preflight.set_trainer(self.setup.trainer())

    def _generate_gallery(self) -> None:
        self.starting.generate_gallery(self.view.run_dir, self.view.head.title.text())

    def _resume(self) -> None:
        """Go on with the shown run from its last state."""
        view = self.view
        backend = str(view.job.get("backend") or "")
        if view.run_dir is not None:
            self.desk.forget(view.run_dir)
        self.starting.resume(view.run_dir, view.head.title.text(), backend)

    def _show_queued(self, run: str) -> None:
        project = self._session.project
        if project is not None and (project.runs_dir / run / "spec.json").is_file():
            self.show_run(work.read_run(project.runs_dir / run))
            self.show_page(RUN)

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
        setup.trainer_chosen.connect(self._on_trainer)
        setup.save_wanted.connect(lambda: self.configs.save())
        setup.edit_wanted.connect(self.edit_config)
        QShortcut(QKeySequence("Ctrl+Return"), self, setup.start.click)
        self.configs.opened.connect(self._check)
        self.configs.opened.connect(self.starting.show)
        self.configs.edited.connect(self._check)
        self.preflight.checking.connect(lambda: setup.briefing.show_preflight(None))
        self.preflight.judged.connect(self._on_judged)
        setup.briefing.machine_chosen.connect(self.preflight.set_gpu)
        self.places.chosen_changed.connect(self._on_place)

    def _connect_runs(self) -> None:
        session, view, starting = self._session, self.view, self.starting
        session.project_changed.connect(self._on_project)
        session.packages_changed.connect(self.refresh)
        session.runs_changed.connect(self.refresh_runs)
        session.runs_changed.connect(self.preflight.forget_runs)
        starting.starter.starting.connect(self._on_starting)
        starting.starter.started.connect(self._on_started)
        starting.starter.failed.connect(self._on_start_failed)
        starting.queued.connect(lambda: self.show_page(QUEUE))
        starting.queue.run_wanted.connect(self._show_queued)
        view.gallery_wanted.connect(self._generate_gallery)
        view.resume_wanted.connect(self._resume)
        view.ended.connect(self._on_ended)
