"""Phrases of the open project: how often each is used, what to complete, and the quick ones."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core import atomic, quick_phrases, tag_list
from bespoke_gui.core.breathing import Breath
from bespoke_gui.core.completion import Completion
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.phrase_book import PhraseBook
from bespoke_gui.core.tag_list import Tag
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import Task, run_task

DELAY_MS = 300
# Searched on every key press: enough for a vocabulary, few enough to stay unnoticed.
MOST_OWN = 20_000
AT_ONCE = 500  # captions counted anew on the GUI thread; more go to the background


class PhraseModel(QObject):
    """Counts follow every edit; `updated` comes a moment after them, `quick_changed` at once."""

    updated = Signal()
    quick_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._book = PhraseBook()
        self._seen: dict[str, str] = {}
        self._tags: list[Tag] = []
        self._counts: list[tuple[str, int]] = []
        self._task: Task | None = None
        self._late: set[str] = set()  # edited while all were being counted
        self.completion = Completion()
        self.quick: list[str] = []
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self._refresh)
        self._again = QTimer(self, singleShot=True, interval=0)
        self._again.timeout.connect(self._load)
        session.project_changed.connect(self._load)
        session.captions.changed.connect(self._on_changed)
        self._load()

    def counts(self) -> list[tuple[str, int]]:
        """Return every phrase with the number of captions that hold it, commonest first."""
        return self._counts

    def set_quick(self, phrases: list[str]) -> None:
        """Choose the quick phrases and keep them in the project."""
        project = self._session.project
        if project is None:
            return
        try:
            quick_phrases.write(project.folder, phrases)
        except (AppError, OSError) as error:
            self._session.show_error(error)
            return
        self.quick = quick_phrases.read(project.folder)
        self.quick_changed.emit()

    def import_tags(self, path: Path) -> None:
        """Copy a tag list into the project and offer its tags from now on."""
        project = self._session.project
        if project is None:
            return
        target = project.folder / tag_list.FILE_NAME

        def work() -> list[Tag]:
            tags = tag_list.read_tags(path)
            if path.resolve() != target.resolve():
                atomic.write_bytes(target, path.read_bytes())
            return tags

        def done(tags: list[Tag]) -> None:
            self._tags = tags
            self._session.notify("good", f"{len(tags):,} tags are offered while you type.")
            self._refresh()

        run_task(work, done, self._session.show_error, parent=self)

    def _load(self) -> None:
        project = self._session.project
        self._book, self._seen, self._tags, self.quick = PhraseBook(), {}, [], []
        self._late = set()
        if self._task is not None:
            self._task.cancel()
        if project is None:
            self._refresh()
            return
        texts = self._session.captions.all_texts()
        folder, separator = project.folder, project.separator

        def work() -> tuple[_Counted, list[Tag], list[str]]:
            tags = folder / tag_list.FILE_NAME
            found = _tags_or_none(tags) if tags.is_file() else []
            book = PhraseBook(Breath().over(texts.values()), separator)
            return _counted(book, found), found, quick_phrases.read(folder)

        def done(result: tuple[_Counted, list[Tag], list[str]]) -> None:
            counted, self._tags, self.quick = result
            self._seen = texts
            self._take(counted)
            if self._late:
                self._on_changed(list(self._late))
            self.quick_changed.emit()

        self._task = run_task(work, done, self._session.show_error, parent=self)

    def _on_changed(self, names: list[str]) -> None:
        if self._task is not None and self._task.is_running:
            self._late.update(names)
            return
        if not self._seen and not len(self._book):
            return
        if len(names) > AT_ONCE:
            self._again.start()
            return
        for name in names:
            before, after = self._seen.get(name), self._session.captions.text(name)
            if before != after:
                self._book.change(before, after)
                self._seen[name] = after
        self._timer.start()

    def _refresh(self) -> None:
        self._take(_counted(self._book, self._tags))

    def _take(self, counted: _Counted) -> None:
        self._book, self._counts, self.completion = counted
        self.updated.emit()


class _Counted(NamedTuple):
    book: PhraseBook
    counts: list[tuple[str, int]]
    completion: Completion


def _counted(book: PhraseBook, tags: list[Tag]) -> _Counted:
    """Return the phrases in order and what to complete from; of many, work for a thread."""
    counts = book.counts()
    return _Counted(book, counts, Completion(counts[:MOST_OWN], tags, book.separator))


def _tags_or_none(path: Path) -> list[Tag]:
    """Return the tags of a list that somebody edited since; a broken one offers nothing."""
    try:
        return tag_list.read_tags(path)
    except AppError:
        return []
