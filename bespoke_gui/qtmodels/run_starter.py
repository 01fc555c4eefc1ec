"""Run starter: sees to an engine, asking before it installs one, and starts a run detached."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.rundir import RunDir
from bespoke_gui.launch import engine_env
from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.qtmodels.run_desk import LOCAL, turn_of
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import Task, TaskContext, run_task

LONGEST = 56


class RunStarter(QObject):
    """Starts one run at a time.

    `changed` comes whenever `is_busy` may have; `installing` with what is being installed, "" when
    that is over; `starting` with a title, then `started` with run folder, title and whether it
    generates pictures, or `failed`.
    """

    changed = Signal()
    installing = Signal(str)
    starting = Signal(str)
    started = Signal(object, str, bool)
    failed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._installing: Task | None = None
        self.is_starting = False

    @property
    def is_busy(self) -> bool:
        """Say whether an engine is being installed or a run being started."""
        return self.is_starting or self._installing is not None

    def start(
        self,
        engine: str,
        make: Callable[[], RunDir],
        title: str,
        generates: bool = False,
        backend: str = LOCAL,
    ) -> None:
        """Start the run that `make` returns, once there is a Python that can run its engine.

        backend: where; another machine sees to its engine itself.
        """
        is_ready = backend != LOCAL or engine in engine_env.WITHOUT_TORCH
        if is_ready or engine_env.engine_python() is not None:
            self.launch(make, title, generates, backend)
        elif self._install_agreed():
            self._install(lambda: self.launch(make, title, generates, backend))

    def cancel_install(self) -> None:
        """Stop installing the engine."""
        if self._installing is not None:
            self._installing.cancel()

    def launch(
        self,
        make: Callable[[], RunDir],
        title: str,
        generates: bool = False,
        backend: str = LOCAL,
    ) -> None:
        """Make the run folder in the background and start its engine."""

        def work() -> RunDir:
            run_dir = make()
            with turn_of(run_dir):
                BACKENDS[backend].start(run_dir)
            return run_dir

        def started(run_dir: RunDir) -> None:
            self.is_starting = False
            self.started.emit(run_dir, title, generates)
            self.changed.emit()

        def failed(error: Exception) -> None:
            self.is_starting = False
            self._session.show_error(error)
            self.failed.emit()
            self.changed.emit()

        self.is_starting = True
        self.starting.emit(title)
        self.changed.emit()
        run_task(work, started, failed, parent=self)

    def _install_agreed(self) -> bool:
        size = engine_env.INSTALL_BYTES / 1e9
        answer = self._session.ask.choose(
            "Install the training engine?",
            f"Training needs PyTorch and diffusers: about {size:.1f} GB, once, into "
            f"{engine_env.folder()}. Nothing else on this computer is changed.",
            [("install", "Install and start")],
        )
        return answer == "install"

    def _install(self, then: Callable[[], None]) -> None:
        def work(context: TaskContext) -> None:
            engine_env.install(lambda line: context.progress(0, 0, line), lambda: context.cancelled)

        def ended() -> None:
            self._installing = None
            self.installing.emit("")
            self.changed.emit()

        self.installing.emit("Installing the training engine")
        self._installing = run_task(
            work, lambda _: then(), self._session.show_error,
            lambda done, total, line: self.installing.emit(_short(line)), self, ended,
        )  # fmt: skip
        self.changed.emit()


def _short(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
