"""Cloud task model: a package as a task for another launcher, worked out in the background."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.cloud_tasks.base import CLOUD_TASKS
from bespoke_gui.core.cloud_tasks.wish import wish_for
from bespoke_gui.core.cloud_tasks.write import write_task
from bespoke_gui.core.errors import AppError
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task

WAIT_MS = 200


@dataclass(frozen=True)
class Asked:
    """What is asked for. max_hours: 0 for no limit."""

    tool: str
    gpus: str
    count: int = 1
    max_hours: float = 0.0
    bucket: str = ""
    nodes: int = 1
    main_host: str = ""


@dataclass(frozen=True)
class Written:
    """The files of a task by name; problem: why there are none; note: what is to be known."""

    files: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    note: str = ""


class CloudTaskModel(QObject):
    """`made` comes soon after the last of several `ask`s; `saved` with the folder written to."""

    made = Signal(object)
    saved = Signal(object)

    def __init__(self, session: Session, package: Path, parent: QObject) -> None:
        super().__init__(parent)
        self.package = package
        self.written = Written()
        self._session = session
        self._asked: Asked | None = None
        self._timer = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._timer.timeout.connect(self._make)

    def ask(self, asked: Asked) -> None:
        """Work a task out soon."""
        self._asked = asked
        self._timer.start()

    def save(self, folder: Path) -> None:
        """Write the files into a folder; none over another."""
        files = self.written.files
        run_task(
            lambda: write_task(files, folder), lambda _: self.saved.emit(folder),
            self._session.show_error, parent=self,
        )  # fmt: skip

    def _make(self) -> None:
        asked, package = self._asked, self.package
        if asked is None:
            return

        def done(found: Written) -> None:
            if asked == self._asked:
                self.written = found
                self.made.emit(found)

        run_task(lambda: _made(package, asked), done, self._session.show_error, parent=self)


def _made(package: Path, asked: Asked) -> Written:
    task = CLOUD_TASKS[asked.tool]
    try:
        wish = wish_for(
            package, asked.gpus.split(","), count=asked.count, max_hours=asked.max_hours or None,
            bucket=asked.bucket.strip(), nodes=asked.nodes, main_host=asked.main_host.strip(),
        )  # fmt: skip
        files = task.files(wish)
    except AppError as error:
        return Written(problem=f"{error.message} ({error.hint})".removesuffix(" ()"))
    note = f"Then: {task.how.format(file=next(iter(files)))}"
    untested = "" if task.tested else "Untested: no training of ours ever ran this way. "
    return Written(files, note=untested + note)
