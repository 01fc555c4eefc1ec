"""Decisions about pixels off the grid: which images wait for one, and what was decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from bespoke_gui.core.prepared.records import Decision
from bespoke_gui.qtmodels.prepare_preview import off_grid_crops
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task

if TYPE_CHECKING:
    from bespoke_gui.core.prepared.survey import Survey


@dataclass(frozen=True)
class Case:
    """One image with pixels off the grid; the crops show them as drawn, flattened and marked."""

    name: str
    pixels: int
    cells: int
    drawn: QImage
    flat: QImage
    marked: QImage


class OffGridDecisions(QObject):
    """What was decided in the open project. `changed` follows a decision that was written."""

    changed = Signal()
    shown = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._decisions: dict[str, Decision] = {}
        self._asking: list[str] = []

    def load(self) -> None:
        """Read the project's decisions in the background."""
        project = self._session.project
        self._decisions, self._asking = {}, []
        if project is None:
            self.changed.emit()
            return

        def read() -> dict[str, Decision]:
            from bespoke_gui.core.prepared.decided import holding

            return holding(project)

        run_task(read, self._take, self._session.show_error, parent=self)

    def take_asking(self, names: list[str]) -> None:
        """Take the images of the set that have pixels off the grid."""
        self._asking = names

    def asking(self) -> list[str]:
        """Return the images of the set that have pixels off the grid."""
        return self._asking

    def undecided(self) -> list[str]:
        """Return those that nobody has decided about."""
        return [name for name in self._asking if name not in self._decisions]

    def action(self, name: str) -> str:
        """Return what was decided about an image: keep, flatten, leave_out, or ask."""
        decision = self._decisions.get(name)
        return decision.action if decision else "ask"

    def actions(self) -> dict[str, str]:
        """Return all decisions by image name."""
        return {name: decision.action for name, decision in self._decisions.items()}

    def all(self) -> Mapping[str, Decision]:
        """Return all decisions as preparing takes them."""
        return dict(self._decisions)

    def decide(self, actions: Mapping[str, str]) -> None:
        """Keep decisions in the project, in the background; "ask" takes one back."""
        project, dataset = self._session.project, self._session.dataset
        if project is None or dataset is None:
            return
        images = {n: dataset.by_name[n].image for n in actions if n in dataset.by_name}

        def write() -> dict[str, Decision]:
            from bespoke_gui.core.prepared.decided import remember

            return remember(project, images, actions)

        run_task(write, self._take, self._session.show_error, parent=self)

    def show(self, survey: Callable[[], Survey], name: str) -> None:
        """Read one image and tell its case by `shown`."""
        item = self._session.item(name)
        if item is None:
            return
        path = item.image

        def read() -> Case:
            return read_case(survey(), name, path)

        run_task(read, self.shown.emit, lambda _: None, parent=self)

    def _take(self, decisions: dict[str, Decision]) -> None:
        self._decisions = decisions
        self.changed.emit()


def read_case(survey: Survey, name: str, path: Path) -> Case:
    """Return what is to be decided about an image. Raises AppError."""
    from bespoke_gui.core.prepared.records import LARGEST, Settings

    resizing = survey.resizing(path, Settings(LARGEST))
    strays = resizing.source.stray_cells
    pixels = sum(cell.pixels for cell in strays)
    return Case(name, pixels, len(strays), *off_grid_crops(resizing))
