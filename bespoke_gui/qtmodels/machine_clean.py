"""Cleaning: what lies on a machine of earlier runs, what is ticked to go, and its removal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.machines import Machine
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task

if TYPE_CHECKING:
    from bespoke_gui.launch.remote.tidy import Lying, Removed

DAY_S = 86_400.0
WORDS = {"code": "Bespoke's code", "env": "Environment", "models": "Weights", "tools": "Tools",
         "runs": "Run"}  # fmt: skip


class Cleaning(QObject):
    """Asks one machine in the background; `changed` comes with everything new.

    doing: in words, what goes on, "" for nothing; problem: why it did not work.
    """

    changed = Signal()

    def __init__(self, session: Session, machine: Machine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self.machine = session, machine
        self.entries: list[Lying] = []
        self.ticked: set[str] = set()
        self.doing = ""
        self.problem = ""
        self.said = ""

    @property
    def chosen(self) -> list[Lying]:
        """What is ticked and may go."""
        return [one for one in self.entries if one.key in self.ticked and not one.kept]

    @property
    def size(self) -> int:
        """Bytes of what is ticked."""
        return sum(one.bytes for one in self.chosen)

    def look(self) -> None:
        """Ask what lies there; what is old is ticked."""
        from bespoke_gui.launch.remote import tidy

        runs = self._runs()
        self._begin(f"Asking {self.machine.name} what lies there")

        def done(found: list[Lying]) -> None:
            self.entries = sorted(found, key=lambda one: (bool(one.kept), -one.bytes))
            self.ticked = {one.key for one in tidy.old_ones(found)}

        run_task(lambda: tidy.look_there(self.machine, runs), done, self._failed, None, self,
                 self._ended)  # fmt: skip

    def tick(self, key: str, ticked: bool) -> None:
        """Have one go, or stay."""
        if ticked != (key in self.ticked):
            self.ticked ^= {key}
            self.changed.emit()

    def remove(self) -> None:
        """Remove what is ticked, then look again."""
        from bespoke_gui.launch.remote import tidy

        chosen, runs = self.chosen, self._runs()
        if not chosen or self.doing:
            return
        self._begin(f"Removing {wording.count(len(chosen), 'folder')}")

        def done(removed: Removed) -> None:
            size = wording.size(removed.bytes)
            self.said = f"{wording.count(len(removed.keys), 'folder')} removed, {size}"
            self.said += "".join(f"\n{key} stayed: {why}" for key, why in removed.kept.items())

        def ended() -> None:
            self._ended()
            if not self.problem:
                self.look()

        run_task(lambda: tidy.remove_there(self.machine, chosen, runs), done, self._failed, None,
                 self, ended)  # fmt: skip

    def _runs(self) -> list:
        project = self._session.project
        return [project.runs_dir] if project is not None else []

    def _begin(self, doing: str) -> None:
        self.doing, self.problem = doing, ""
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self.problem = str(error)

    def _ended(self) -> None:
        self.doing = ""
        self.changed.emit()


def name_of(one: Lying) -> str:
    """Return what a person calls it."""
    return f"{WORDS[one.kind]} {one.name if one.kind == 'runs' else one.name[:8]}"


def age_of(one: Lying) -> str:
    """Return when it was last used, in words."""
    days = int(one.age_s // DAY_S)
    return f"{wording.count(days, 'day')} ago" if days else "today"


def remark_of(one: Lying) -> str:
    """Return what should be known before it goes, or why it stays."""
    if one.kept:
        return f"stays: {one.kept}"
    if one.kind == "runs":
        return f"{one.outcome}; every file is here, verified" if one.outcome else "holds no results"
    if one.current:
        return "the next run would need it again"
    return f"used by {wording.count(len(one.runs), 'run')}" if one.runs else "no run there names it"
