"""Caption recorder: keeps every saved text in the history, and what was there before an edit."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.history import History
from bespoke_gui.qtmodels.caption_model import CaptionStore
from bespoke_gui.qtmodels.tasks import run_task

TYPED = "edit caption"  # the label of the store's plain edits
MANY = 1_000  # captions of a step that is looked at when the window had time to paint
EDIT, BEFORE, UNDO = "edit", "before", "undo"


class _Batch(NamedTuple):
    """Texts by name, all of one source. Rows are made of 20,000 of them by the thread."""

    texts: dict[str, str]
    source: str


class _Write:
    """Texts to write, once, on whichever thread comes first; the other one waits for it."""

    def __init__(self, folder: Path, batches: list[_Batch]) -> None:
        self._batches = batches
        self._folder = folder
        self._lock = threading.Lock()
        self._is_done = False

    def run(self) -> None:
        """Write the rows; raises AppError."""
        with self._lock:
            if not self._is_done:
                rows = [(n, text, b.source) for b in self._batches for n, text in b.texts.items()]
                with History(self._folder) as history:
                    history.record_rows(rows)
            self._is_done = True

    def names(self) -> list[str]:
        """Return the names of the captions, each once."""
        return list(dict.fromkeys(name for batch in self._batches for name in batch.texts))


class CaptionRecorder(QObject):
    """Listens to a store. The first edit of a caption records the text that was there, each save
    the text that was written, with the label of the step that made it ("edit", "rules: hats").

    All is written in the background, in order; `recorded` then carries the names.
    """

    recorded = Signal(object)
    failed = Signal(str)

    def __init__(self, store: CaptionStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._folder: Path | None = None
        self._last: dict[str, str] = {}
        self._known: set[str] = set()
        self._sources: dict[str, str] = {}
        self._fresh: list[str] = []
        self._step = 0
        self._works = True
        self._late: list[str] | None = None
        self._late_source = ""
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._catch_up)
        self._todo: list[_Batch] = []
        self._writing: _Write | None = None
        store.loaded.connect(self._on_loaded)
        store.changed.connect(self._on_changed)
        store.saved.connect(self._on_saved)
        store.undo_stack.indexChanged.connect(self._on_step)

    def use(self, folder: Path | None) -> None:
        """Record in the history of this project from now on; None records nothing."""
        self.flush()
        self._folder = folder

    def flush(self) -> None:
        """Write what is still waiting now, on this thread: the window is about to close."""
        self._catch_up()
        writes = [self._writing] if self._writing is not None else []
        if self._todo and self._folder is not None:
            writes.append(_Write(self._folder, self._todo))
        self._todo = []
        for write in writes:
            with contextlib.suppress(AppError):
                write.run()

    def _on_loaded(self) -> None:
        texts = self._store.texts()
        self._last = {name: text for name, text in texts.items() if text is not None}
        self._known, self._sources, self._fresh = set(), {}, []
        self._late, self._late_source = None, ""
        self._step = 0

    def _on_changed(self, names: list[str]) -> None:
        self._catch_up()
        if len(names) > MANY:
            self._late = names
            self._soon.start()
        else:
            self._take_changed(names)

    def _catch_up(self) -> None:
        """Look at a large step that was carried out a moment ago."""
        if self._late is None:
            return
        names, self._late = self._late, None
        source, self._late_source = self._late_source, ""
        self._take_changed(names)
        if source:
            self._take_step(source)

    def _take_changed(self, names: list[str]) -> None:
        new = [name for name in names if name not in self._known]
        self._known.update(new)
        last = self._last
        self._add({name: last[name] for name in new if name in last}, BEFORE)
        last.update(zip(names, map(self._store.text, names), strict=True))
        self._fresh += names

    def _on_step(self, index: int) -> None:
        """The stack has carried a step out: now its label can be asked for."""
        is_undo = index == 0 or index < self._step
        label = UNDO if is_undo else self._store.undo_stack.undoText()
        source = EDIT if label == TYPED else label
        self._step = index
        if self._late is None:
            self._take_step(source)
        else:
            self._late_source = source

    def _take_step(self, source: str) -> None:
        fresh, self._fresh = self._fresh, []
        self._sources.update(dict.fromkeys(fresh, source))
        # What another program wrote is on disk already: no save will tell of it.
        store = self._store
        self._add({n: store.text(n) for n in fresh if not store.is_unsaved(n)}, source)

    def _on_saved(self, names: list[str]) -> None:
        self._catch_up()
        by_source: dict[str, dict[str, str]] = {}
        for name in names:
            source = self._sources.get(name, EDIT)
            by_source.setdefault(source, {})[name] = self._store.on_disk(name).text
        for source, texts in by_source.items():
            self._add(texts, source)

    def _add(self, texts: dict[str, str], source: str) -> None:
        # A window that may not write leaves the history to the one that holds the project.
        if texts and self._folder is not None and not self._store.read_only:
            self._todo.append(_Batch(texts, source))
            self._write_next()

    def _write_next(self) -> None:
        """Write all that waits in one go, while nothing else is being written."""
        if self._writing is not None or not self._todo or self._folder is None:
            return
        write = self._writing = _Write(self._folder, self._todo)
        self._todo = []

        def ended() -> None:
            self._writing = None
            self._write_next()

        run_task(
            write.run,
            lambda _: self._on_recorded(write),
            self._on_failed,
            parent=self,
            ended=ended,
        )

    def _on_recorded(self, write: _Write) -> None:
        self._works = True
        self.recorded.emit(write.names())

    def _on_failed(self, error: Exception) -> None:
        """Tell it once; the next text that is kept makes it news again."""
        if self._works:
            self._works = False
            self.failed.emit(f"Past texts are not being kept: {error}")
