"""Run orders: what the buttons of a run do: pause, save, stop, fetch, give the machine back."""

from __future__ import annotations

from PySide6.QtCore import QObject

from bespoke_gui.core.rundir import RunDir
from bespoke_gui.qtmodels import start_words
from bespoke_gui.qtmodels import train_work as work
from bespoke_gui.qtmodels.run_desk import RunDesk
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views.widgets.run_view import RunView


class RunOrders(QObject):
    """Answers what the shown run is asked for, after a question where something ends."""

    def __init__(self, session: Session, view: RunView, desk: RunDesk) -> None:
        super().__init__(view)
        self._session, self._view, self._desk = session, view, desk
        view.control_wanted.connect(self._control)
        desk.ladder_changed.connect(view.show_ladder)

    def _control(self, control: str) -> None:
        run_dir = self._view.run_dir
        if run_dir is None:
            return
        if control == "resume":
            run_dir.withdraw("pause")
        elif control == "stop":
            self._stop(run_dir)
        elif control == "release":
            self._release(run_dir)
        elif control == "fetch":
            self._desk.ask(run_dir, "fetch", self._session.show_error)
        elif control == "follow":
            self._desk.follow(run_dir, self._session.show_error)
        elif control == "stop_after_epoch" and run_dir.requested(control):
            run_dir.withdraw(control)
        else:
            run_dir.request(control)

    def _stop(self, run_dir: RunDir) -> None:
        answer = self._how_to_stop(run_dir)
        if answer == "stop":
            run_dir.withdraw("pause")
            self._desk.stop(run_dir)
        elif answer == "epoch":
            run_dir.request("stop_after_epoch")
            self._view.refresh()

    def _how_to_stop(self, run_dir: RunDir) -> str:
        generates = bool((work.read_json(run_dir.spec_path) or {}).get("loras"))
        question = start_words.stop_question(self._view.job, generates)
        return self._session.ask.choose("Stop this run?", *question)

    def _release(self, run_dir: RunDir) -> None:
        """Give a rented machine back, or fetch what is missing first."""
        question = start_words.release_question(self._view.job, self._view.state)
        answer = self._session.ask.choose("Give the machine back now?", *question)
        if answer:
            self._desk.ask(run_dir, answer, self._session.show_error)
