"""Loads native pictures for the screen in the background: what is looked at comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from bespoke_gui.core.errors import AppError
from bespoke_gui.qtmodels.tasks import Task, run_task

if TYPE_CHECKING:
    from bespoke_gui.core.picture_marks import PictureMarks

BATCH = 24
WAITING = 1024


@dataclass(frozen=True)
class Native:
    """A picture at its native size, or its marks, ready to paint; or why there is none."""

    image: QImage | None
    unique_colours: int = 0
    error: str = ""
    marks: PictureMarks | None = None


ReadNative = Callable[[Path], Native]


class NativeLoader(QObject):
    """Answers from memory, or remembers what was asked for and loads it, the newest wish first.

    progressed: pictures read since it last had nothing to do, and how many there are to read.
    """

    loaded = Signal()
    progressed = Signal(int, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._read: ReadNative | None = None
        self._ready: dict[Path, Native] = {}
        self._wanted: dict[Path, None] = {}
        self._task: Task | None = None
        self._turn = 0
        self._done = 0

    def use(self, read: ReadNative) -> None:
        """Read pictures with `read` (called on a background thread) and forget the old ones."""
        self._turn += 1
        self._read = read
        self._ready.clear()
        self._wanted.clear()
        self._done = 0

    def get(self, path: Path) -> Native | None:
        """Return the picture if it is there, else ask for it and return None."""
        found = self._ready.get(path)
        if found is None:
            self._wanted.pop(path, None)
            self._wanted[path] = None
            if len(self._wanted) > WAITING:
                del self._wanted[next(iter(self._wanted))]
            self._next()
        return found

    def peek(self, path: Path) -> Native | None:
        """Return the picture if it is there, without asking for it."""
        return self._ready.get(path)

    @property
    def is_idle(self) -> bool:
        """Say whether everything asked for has come."""
        return self._task is None and not self._wanted

    def _next(self) -> None:
        if self._task is not None or not self._wanted or self._read is None:
            return
        paths = [self._wanted.popitem()[0] for _ in range(min(BATCH, len(self._wanted)))]
        read, turn = self._read, self._turn
        task = run_task(
            # Another way of reading was asked for meanwhile: nobody waits for the rest of these.
            lambda: [(path, _safely(read, path)) for path in paths if turn == self._turn],
            done=lambda pairs: self._on_done(turn, pairs),
            parent=self,
            ended=self._on_ended,
        )
        # A pool that works at once has ended already: then there is nothing to wait for.
        self._task = task if task.is_running else None

    def _on_done(self, turn: int, pairs: Iterable[tuple[Path, Native]]) -> None:
        if turn == self._turn:
            before = len(self._ready)
            self._ready.update(pairs)
            self._done += len(self._ready) - before
            self.progressed.emit(self._done, self._done + len(self._wanted))
            self._done = self._done if self._wanted else 0
            self.loaded.emit()

    def _on_ended(self) -> None:
        self._task = None
        self._next()


def _safely(read: ReadNative, path: Path) -> Native:
    """One damaged file is a cell that says so; the others go on."""
    try:
        return read(path)
    except AppError as error:
        return Native(None, error=str(error))


def to_qimage(rgb: object) -> QImage:
    """Return a QImage with its own memory from a uint8 array (height, width, 3)."""
    import numpy as np

    pixels = np.ascontiguousarray(rgb, dtype=np.uint8)
    height, width, _ = pixels.shape
    image = QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)
