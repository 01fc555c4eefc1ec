"""Steps that change files, on the undo stack of the captions, so that Ctrl+Z takes both back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEventLoop
from PySide6.QtGui import QUndoCommand

from bespoke_gui.qtmodels.tasks import run_task

Names = dict[str, str]
Run = Callable[[Callable[[], Any], Callable[[Any], Names]], Any]


@dataclass
class Step:
    """One change of files: `do` returns what `undo` is given. Both may raise AppError.

    moved: tells which names become which, from what `do` returned.
    """

    label: str
    do: Callable[[], Any]
    undo: Callable[[Any], Any]
    moved: Callable[[Any], Names] = lambda _: {}


class StepCommand(QUndoCommand):
    """A step on the stack. It was carried out before it was pushed."""

    def __init__(self, step: Step, result: Any, run: Run) -> None:
        super().__init__(step.label)
        self._step = step
        self._result = result
        self._run = run
        self._is_new = True

    def redo(self) -> None:
        if self._is_new:
            self._is_new = False
            return
        outcome = self._run(self._step.do, self._step.moved)
        self.setObsolete(isinstance(outcome, Exception))
        self._result = outcome

    def undo(self) -> None:
        result = self._result
        back = {new: old for old, new in self._step.moved(result).items()}
        outcome = self._run(lambda: self._step.undo(result), lambda _: back)
        # What cannot be taken back leaves the stack; the files are as they were before the try.
        self.setObsolete(isinstance(outcome, Exception))


def run_and_wait(work: Callable[[], Any]) -> Any:
    """Do something in the background and return what came of it, or the exception.

    The window goes on painting meanwhile and takes no keys or clicks: undo after undo, as fast as
    keys repeat, must find the files as the step before left them.
    """
    outcome: list[Any] = []
    loop = QEventLoop()

    def end(result: Any) -> None:
        outcome.append(result)
        loop.quit()

    run_task(work, end, end)
    if not outcome:
        loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
    return outcome[0]
