"""Start orders: what is set up becomes a run or an entry of the queue; a run, a gallery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.queue.entry import Entry
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runspec import EMBEDDED
from bespoke_gui.qtmodels import start_words
from bespoke_gui.qtmodels import train_work as work
from bespoke_gui.qtmodels.config_desk import ConfigDesk
from bespoke_gui.qtmodels.gallery_work import free_folder
from bespoke_gui.qtmodels.place_desk import PlaceDesk
from bespoke_gui.qtmodels.preflight_model import PreflightModel
from bespoke_gui.qtmodels.queue_desk import queue_of
from bespoke_gui.qtmodels.run_desk import LOCAL, prepare_run
from bespoke_gui.qtmodels.run_starter import RunStarter
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.trainer_check import KOHYA
from bespoke_gui.views.widgets.train_setup import TrainSetup

START = "Start training"


class StartOrders(QObject):
    """Answers the buttons that begin something; `queued` comes when the line has one more.

    `engine` and `sampler` (in place of the chosen trainer and of our own) and `options` go into
    new specs.
    """

    queued = Signal()

    def __init__(
        self,
        session: Session,
        setup: TrainSetup,
        configs: ConfigDesk,
        preflight: PreflightModel,
        places: PlaceDesk,
    ) -> None:
        super().__init__(setup)
        self._session, self._setup, self._configs = session, setup, configs
        self._preflight, self._places = preflight, places
        self.engine = ""
        self.sampler = "sample"
        self.options: Mapping[str, Any] = {}
        self.starter = RunStarter(session, self)
        self.queue = queue_of(session)
        self.queue.offer = self.queue_entry
        self.queue.agreed = self._agreed
        setup.start_wanted.connect(self.start)
        setup.queue_wanted.connect(self.add_to_queue)
        setup.cancel_wanted.connect(self.starter.cancel_install)
        self.starter.changed.connect(self.show)
        self.starter.installing.connect(setup.show_busy)

    def start(self) -> None:
        """Start the training as it is set up, after one question where something is in the way."""
        config, chosen = self._configs.config, self._setup.training_set()
        project = self._session.project
        if config is None or chosen is None or project is None or self.starter.is_busy:
            return
        if not self._agreed():
            return
        text, path, base = config.text(), config.path, self._setup.base()
        name = path.stem if path else "lora"
        engine, options = self._engine()
        if not self._trainer_fits(config, engine):
            return
        backend, place = self._places.backend, self._places.place

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
        config, chosen = self._configs.config, self._setup.training_set()
        project, places = self._session.project, self._places
        if config is None or chosen is None or project is None:
            hint = "choose a config and images on the page Run"
            self._session.notify("info", "There is nothing to train yet", hint)
            return None
        engine, options = self._engine()
        if not self._trainer_fits(config, engine):
            return None
        entry = work.queue_entry(
            project, config, chosen, engine=engine, base=self._setup.base(), options=options
        )
        return replace(entry, backend=places.backend, place=places.place)

    def add_to_queue(self) -> None:
        """Put the training as it is set up in line."""
        entry = self.queue_entry()
        if entry is not None and self._agreed():
            self.queue.add([entry])
            self.queued.emit()

    def generate_gallery(self, source: RunDir | None, title: str) -> None:
        """Make the pictures of every epoch of a run, with LoRA off as the first row."""
        project = self._session.project
        if project is None or source is None:
            return
        out = free_folder(project.galleries_dir, title)
        engine, options = self.sampler, dict(self.options)
        base = str((work.read_json(source.spec_path) or {}).get("base", ""))

        def make() -> RunDir:
            return work.gallery_run(
                project, [source.folder], out, base=base, engine=engine, options=options
            )

        self.starter.start(engine, make, f"Gallery {out.name}", True)

    def resume(self, run_dir: RunDir | None, title: str, backend: str) -> None:
        """Go on with a run from its last state, on the backend it had."""
        if run_dir is not None:
            engine = str((work.read_json(run_dir.spec_path) or {}).get("engine", ""))
            self.starter.start(
                engine, lambda: work.resumed(run_dir), title, backend=backend or LOCAL
            )

    def show(self) -> None:
        """Say on the start button what it would do, or why it cannot be pressed."""
        setup, configs = self._setup, self._configs
        if configs.config is None:
            why = "The config is no TOML yet" if configs.broken else "There is no config yet"
            setup.show_start(START, why, False)
        elif setup.training_set() is None:
            setup.show_start(START, "There are no images to train on", False)
        elif self.starter.is_busy:
            setup.show_start("Starting", "", False)
        else:
            plan = self._preflight.result.plan if self._preflight.result else None
            words = f"{START}: {plan.epochs} epochs" if plan else START
            tip = f"{start_words.place_words(self._places)} (Ctrl+Return)"
            setup.show_start(words, tip, True)

    def _engine(self) -> tuple[str, dict[str, Any]]:
        """Return the engine that is meant and its options."""
        engine, options = self.engine or self._setup.engine(), dict(self.options)
        if engine == KOHYA and self._places.backend == LOCAL:
            options["sd_scripts"] = self._places.checkout
        return engine, options

    def _trainer_fits(self, config: TrainingConfig, engine: str) -> bool:
        """Say so where the chosen trainer cannot train the chosen base."""
        named = config.get("pretrained_model_name_or_path")
        base = self._setup.base() or str(named or EMBEDDED)
        if engine != KOHYA or base != EMBEDDED:
            return True
        hint = "choose the built-in trainer, or a Stable Diffusion 1.5"
        self._session.notify("warning", "sd-scripts cannot train the embedded base", hint)
        return False

    def _agreed(self) -> bool:
        """Ask once, where something stands in the way or money would be spent."""
        question = start_words.start_question(
            self._places, self._preflight.first_error(), self._preflight.result
        )
        return question is None or self._session.ask.choose(*question) == "start"
