"""Export preview: what an export would write, read and reckoned before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery_export import Previewed, PreviewedExport, preview_export
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.image_export import Part, Wish, wanted_of
from bespoke_gui.qtmodels.tasks import Task, run_task

if TYPE_CHECKING:
    import numpy as np

    from bespoke_gui.qtmodels.session import Session

SETTLE_MS = 120


@dataclass(frozen=True)
class Page:
    """One picture to look at. before: None for the sheet, which has none; words: its figures."""

    title: str
    before: np.ndarray | None
    after: np.ndarray
    words: str


class ExportPreview(QObject):
    """read carries the pages and the words about all of them; failed says why there are none."""

    read = Signal(list, str)
    failed = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._wanted: tuple[Part, Wish] | None = None
        self._task: Task | None = None
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._read)

    def show(self, part: Part, wish: Wish) -> None:
        """Reckon anew, once what is wanted has settled."""
        self._wanted = (part, wish)
        self._settle.start()

    def _read(self) -> None:
        assert self._wanted is not None
        (part, wish), training = self._wanted, training_folder(self._session)
        if self._task is not None:
            self._task.cancel()

        def work() -> tuple[list[Page], str]:
            found = preview_export(part.gallery, part.images, wanted_of(part, wish, training))
            return _pages(found, wish), _words(found, len(part.images))

        def done(found: tuple[list[Page], str]) -> None:
            if self._wanted == (part, wish):
                self.read.emit(*found)

        def failed(error: BaseException) -> None:
            if isinstance(error, AppError):
                self.failed.emit(str(error))
            else:
                self._session.show_error(error)

        self._task = run_task(work, done, failed, parent=self)


def training_folder(session: Session) -> Path | None:
    """Return the folder of the training images, None where there are none."""
    dataset: Any = session.dataset
    return dataset.folder if dataset and dataset.items else None


def _pages(found: PreviewedExport, wish: Wish) -> list[Page]:
    pages = [Page(_title(one), one.before, one.after, _figures(one)) for one in found.images]
    if found.sheet is None:
        return pages
    high, wide = found.sheet.shape[:2]
    size = f"{wide * wish.sheet} × {high * wish.sheet} px, {wish.sheet} px a cell"
    return [*pages, Page("Sprite sheet", None, found.sheet, size)]


def _title(one: Previewed) -> str:
    seed = "" if one.image.seed is None else f" · seed {one.image.seed}"
    return f"{wording.epoch(one.image.epoch)} · {one.image.prompt}{seed}"


def _figures(one: Previewed) -> str:
    cells = one.after.shape[0] * one.after.shape[1]
    return f"{_colours(one.colours_before, one.colours_after)}  ·  {_changes(one, cells)}"


def _changes(one: Previewed, cells: int) -> str:
    if not one.changed:
        return "no cell changes"
    return f"{one.changed} of {cells} cells change, {one.seen} of them visibly"


def _colours(before: int, after: int) -> str:
    return f"{before} → {wording.count(after, 'colour')}" if before != after else (
        wording.count(after, "colour")
    )  # fmt: skip


def _words(found: PreviewedExport, count: int) -> str:
    """Return what holds for all images, and which of them were looked at."""
    if not found.images:
        return "None of the images can be read"
    seen = sum(one.seen for one in found.images)
    changed = sum(one.changed for one in found.images)
    whole = (
        f"{wording.count(changed, 'cell')} change in {wording.count(len(found.images), 'image')}"
    )
    some = f" (the first of {count})" if len(found.images) + len(found.problems) < count else ""
    broken = f"; {len(found.problems)} cannot be read" if found.problems else ""
    return f"{whole}{some}, {seen} visibly{broken}"
