"""Raw log desk: follows the trainer's own text of a run and searches it, in the background."""

from __future__ import annotations

from bisect import bisect_left
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.raw_log import Hits, Window, find_in_log, read_window
from bespoke_gui.qtmodels.tasks import Task, TaskContext, run_task

LOOK_MS = 1000
SETTLE_MS = 250
KB = 1024
TOP, MIDDLE, BOTTOM, END = "top", "middle", "bottom", "end"


class RawLogDesk(QObject):
    """Holds one window of a file of any size, and the hits of one search in all of it.

    `read` comes with a Window, the byte that is to be seen in it, and where: TOP, MIDDLE, BOTTOM,
    or END for the end of the file. `searched` comes when hits or progress are others. A file that
    is not there is empty.
    """

    read = Signal(object, int, str)
    searched = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path: Path | None = None
        self.window, self.hits = Window(), Hits("")
        self.at = -1
        self.follows = True
        self.share: float | None = None  # of the file that was searched, None while none is
        self._turn = self._hunt = 0
        self._searching: Task | None = None
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._search)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)

    def open(self, path: Path | None) -> None:
        """Take another file; nothing is read before `show` and `search`."""
        if path != self.path:
            self.path, self.window, self.follows = path, Window(), True
            self._turn += 1
            self.search(self.hits.words)
            self.read.emit(self.window, 0, END)

    def show(self, shown: bool) -> None:
        """Read, and follow what is written, while somebody looks."""
        if not shown:
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()
            if self.follows:
                self.see(None)

    # -- windows ----------------------------------------------------------------------------

    def see(self, offset: int | None, where: str = MIDDLE) -> None:
        """Read the window around a byte, None for the end of the file; `read` follows."""
        path = self.path
        if path is None:
            return
        self._turn += 1
        turn, self.follows = self._turn, offset is None

        def done(window: Window) -> None:
            if turn == self._turn:
                self.window = window
                self.read.emit(window, offset or 0, END if offset is None else where)

        run_task(lambda: read_window(path, offset), done, parent=self)

    def earlier(self) -> None:
        """Read what stands before the window."""
        if self.window.begin > 0:
            self.see(self.window.begin, TOP)

    def later(self) -> None:
        """Read what stands after the window."""
        if self.window.end < self.window.total:
            self.see(self.window.end, BOTTOM)

    def _look(self) -> None:
        """Take in what was written meanwhile."""
        path, known = self.path, self.window.total
        if path is None:
            return

        def grown() -> bool:
            return path.exists() and path.stat().st_size != known

        run_task(grown, lambda yes: self._on_grown() if yes else None, parent=self)

    def _on_grown(self) -> None:
        if self.follows:
            self.see(None)
        if self.hits.words and not self.is_searching:
            self._search()

    # -- search -----------------------------------------------------------------------------

    def search(self, words: str) -> None:
        """Look for words in the whole file, "" for no longer; `searched` follows."""
        self.cancel()
        self.hits, self.at = Hits(words), -1
        if words:
            self._settle.start()
        self.searched.emit()

    def cancel(self) -> None:
        """End the search that is going on; what it found so far is forgotten."""
        self._settle.stop()
        self._hunt += 1
        self.share = None
        if self._searching is not None:
            self._searching.cancel()

    @property
    def place(self) -> int:
        """Which of the hits is current, from 0; -1 for none."""
        return bisect_left(self.hits.offsets, self.at) if self.at >= 0 else -1

    @property
    def is_searching(self) -> bool:
        """Whether hits are still being looked for."""
        return self.share is not None or self._settle.isActive()

    def go(self, backward: bool = False) -> bool:
        """Go to the next hit, or the one before, round at the ends; say whether there is one."""
        hits = self.hits
        if not hits:
            return False
        first = len(hits) - 1 if backward else 0
        self.at = hits.offsets[first if self.at < 0 else hits.next_of(self.at, backward)]
        self.see(self.at)
        self.searched.emit()
        return True

    def _search(self) -> None:
        path, known = self.path, self.hits
        if path is None:
            return

        def work(context: TaskContext) -> Hits:
            def told(done: int, total: int) -> None:
                context.check()
                context.progress(done // KB, total // KB)

            return find_in_log(path, known.words, known, told)

        self._hunt += 1
        hunt = self._hunt

        def done(hits: Hits) -> None:
            if hunt == self._hunt:
                self.hits = hits

        def progressed(done: int, total: int, _: str) -> None:
            if hunt == self._hunt:
                self.share = done / max(1, total)
                self.searched.emit()

        def ended() -> None:
            if hunt == self._hunt:
                self.share = None
                self.searched.emit()

        self.share = 0.0
        self._searching = run_task(work, done, None, progressed, self, ended)
