"""Query over the open project's captions: found and sorted in the background, newest asked wins."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from heapq import merge
from pathlib import PurePosixPath
from typing import Any

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.breathing import Breath
from bespoke_gui.core.caption_query import Lookup, Query, QueryError, split_phrases
from bespoke_gui.core.dataset import natural_key
from bespoke_gui.core.errors import AppError
from bespoke_gui.qtmodels.caption_compare import Comparison
from bespoke_gui.qtmodels.caption_lints import LintModel
from bespoke_gui.qtmodels.image_list_model import RowState
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import Task, TaskContext, run_task

SORTS = {
    "path": "Path",
    "name": "Name",
    "tokens": "Tokens",
    "phrases": "Phrases",
    "edited": "Changed last",
    "lint": "Notes of the linter",
    "review": "Review state",
}
LARGEST_FIRST = {"edited", "lint"}  # the orders that people mean downwards
REVIEW_ORDER = ("needs_work", "todo", "accepted")
AT_ONCE = 3_000  # so many captions are searched without leaving the thread
PIECE = 2_000  # so many are looked at before the window may paint
SLOW = {"re", "tokens", "edited"}  # what may take long even over few captions


@dataclass(frozen=True)
class Sort:
    """An order: one of SORTS, up or down. Equal ones stay in the dataset's order."""

    key: str = "path"
    descending: bool = False


class CaptionQuery(QObject):
    """Finds the names that a query lets through, sorted. `found` carries them."""

    found = Signal(object)
    failed = Signal(QueryError)
    too_long = Signal(str)

    def __init__(
        self,
        session: Session,
        comparison: Comparison,
        lints: LintModel,
        state_of: Callable[[str], RowState],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._comparison, self._lints, self._state_of = comparison, lints, state_of
        self._query = Query("")
        self._sort = Sort()
        self._names: list[str] = []
        self._edited: dict[str, float] = {}
        self._task: Task | None = None
        session.captions.changed.connect(self._on_changed)

    @property
    def query(self) -> Query:
        """The query that is in force."""
        return self._query

    @property
    def sort(self) -> Sort:
        """The order that is in force."""
        return self._sort

    def set_names(self, names: list[str]) -> None:
        """Look among these, in the dataset's order; answers with `found`."""
        if names != self._names:
            self._edited = {}
        self._names = names
        self.run()

    def set_text(self, text: str) -> bool:
        """Ask another query; False when it cannot be understood (the last one stays in force)."""
        try:
            self._query = Query(text)
        except QueryError as error:
            self.failed.emit(error)
            return False
        self.run()
        return True

    def set_sort(self, sort: Sort) -> None:
        """Choose another order."""
        self._sort = sort
        self.run()

    def run(self) -> None:
        """Ask again: `found` comes at once for a small set, else from the background."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        query, sort, names = self._query, self._sort, self._names
        if query.is_empty and sort == Sort():
            self.found.emit(names)
        elif len(names) <= AT_ONCE and not SLOW & {sort.key, *query.fields}:
            self._answer(query, sort, names)
        else:
            self._task = run_task(
                lambda context: self._select(query, sort, names, context),
                self.found.emit,
                self._fail,
                parent=self,
            )

    def lookup(self, check: Callable[[], object] = lambda: None) -> Lookup:
        """Return how queries learn about the captions; may be used from any thread."""
        store, state_of = self._session.captions, self._state_of
        project = self._session.project
        return Lookup(
            text=store.text,
            lints=self._lints.codes,
            status=lambda name: _status(state_of(name)),
            changed=lambda name: state_of(name).changed,
            lossy=lambda name: state_of(name).lossy,
            lost=self._lost,
            gained=self._gained,
            note=lambda name: state_of(name).note,
            separator=project.separator if project else ",",
            check=check,
        )

    def _answer(self, query: Query, sort: Sort, names: list[str]) -> None:
        try:
            self.found.emit(self._select(query, sort, names, None))
        except AppError as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, AppError):
            self.too_long.emit(str(error))
        else:
            self._session.show_error(error)

    def _select(
        self, query: Query, sort: Sort, names: list[str], context: TaskContext | None
    ) -> list[str]:
        breath = Breath()

        def check() -> None:
            breath()
            if context is not None:
                context.check()

        lookup = self.lookup(check)
        # A regex has one time limit for all captions, so it is not asked piece by piece.
        piece = len(names) if "re" in query.fields else PIECE
        parts = (names[first : first + piece] for first in range(0, len(names), max(1, piece)))
        found = [name for part in parts for name in query.select(lookup, part)]
        if sort.key == "path":
            return found[::-1] if sort.descending else found
        key = self._key(sort.key, lookup)
        return in_order(found, {name: key(name) for name in breath.over(found)}, sort.descending)

    def _key(self, key: str, lookup: Lookup) -> Callable[[str], Any]:
        text, separator = lookup.text, lookup.separator
        keys: dict[str, Callable[[str], Any]] = {
            "name": lambda name: natural_key(PurePosixPath(name).name),
            "tokens": lambda name: lookup.count_tokens(text(name)),
            "phrases": lambda name: len(split_phrases(text(name), separator)),
            "edited": self._edited_at,
            "lint": lambda name: len(self._lints.codes(name)),
            "review": lambda name: REVIEW_ORDER.index(self._state_of(name).review),
        }
        return keys[key]

    def _edited_at(self, name: str) -> float:
        """Return when the text last changed: in this window, else on disk; 0 without a file."""
        known = self._edited.get(name)
        if known is None:
            known = 0.0
            with suppress(OSError, KeyError):
                known = self._session.captions.on_disk(name).path.stat().st_mtime
            self._edited[name] = known
        return known

    def _lost(self, name: str) -> list[str]:
        diff = self._comparison.diff(name)
        return diff.lost if diff else []

    def _gained(self, name: str) -> list[str]:
        diff = self._comparison.diff(name)
        return diff.gained if diff else []

    def _on_changed(self, names: Iterable[str]) -> None:
        now = time.time()
        self._edited.update(dict.fromkeys(names, now))


def in_order(names: list[str], keys: dict[str, Any], descending: bool) -> list[str]:
    """Return the names sorted by their keys, in runs: one long sort would hold the window up."""
    runs = [
        sorted(names[first : first + PIECE], key=keys.__getitem__, reverse=descending)
        for first in range(0, len(names), PIECE)
    ]
    return list(merge(*runs, key=keys.__getitem__, reverse=descending))


def _status(state: RowState) -> list[str]:
    parts = [("unsaved", state.unsaved), ("missing", state.missing), ("excluded", state.excluded)]
    return [state.review, *(word for word, holds in parts if holds)]
