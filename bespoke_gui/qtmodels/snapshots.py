"""Snapshots: named states of all captions, kept and brought back in the background."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.history import History, Snapshot, automatic_name
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task

Then = Callable[[int], object]  # gets how many captions changed


def take_snapshot(session: Session, name: str, note: str = "") -> None:
    """Keep all captions as they are in the window, saved or not."""
    texts = session.captions.texts()

    def done(made: Snapshot) -> None:
        session.notify("good", f'Snapshot "{made.name}" holds {made.count} captions.')
        session.snapshots_changed.emit()

    _with_history(session, lambda history: history.snapshot(name, texts, note), done)


def edit_after_snapshot(
    session: Session, texts: Mapping[str, str], label: str, then: Then | None = None
) -> None:
    """Change many captions as one step that can be undone, after an automatic snapshot.

    A single caption needs none. When no snapshot can be kept nothing is changed. A caption that
    was edited while the snapshot was being written is left alone.
    """
    store = session.captions
    known = store.texts()
    todo = {n: text for n, text in texts.items() if n in known and (known[n] or "") != text}

    def edit() -> None:
        fresh = {n: text for n, text in todo.items() if store.text(n) == (known[n] or "")}
        store.edit_many(fresh, label)
        if then is not None:
            then(sum(store.text(name) == text for name, text in fresh.items()))

    def done(_made: Snapshot) -> None:
        edit()
        session.snapshots_changed.emit()

    if len(todo) < 2 or store.read_only:
        edit()
        return
    name = automatic_name(label)
    _with_history(session, lambda history: history.snapshot(name, known, automatic=True), done)


class SnapshotDesk(QObject):
    """The snapshots of the open project, the newest first, and what can be done with them."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.snapshots: list[Snapshot] = []
        session.snapshots_changed.connect(self.read)
        session.project_changed.connect(self.read)
        self.read()

    def read(self) -> None:
        """Read the list."""
        _with_history(self._session, lambda history: history.snapshots(), self._take)

    def find(self, name: str) -> Snapshot | None:
        """Return the snapshot of that name."""
        return next((found for found in self.snapshots if found.name == name), None)

    def make(self, name: str, note: str = "") -> None:
        """Keep all captions as they are now."""
        take_snapshot(self._session, name, note)

    def rename(self, name: str, new: str) -> None:
        """Give a snapshot another name."""
        self._change(lambda history: history.rename(name, new))

    def annotate(self, name: str, note: str) -> None:
        """Give a snapshot a note."""
        self._change(lambda history: history.annotate(name, note))

    def delete(self, name: str) -> None:
        """Remove a snapshot for good; captions are not touched."""
        self._change(lambda history: history.delete(name))

    def restore(self, name: str) -> None:
        """Bring all texts of a snapshot back: one step that can be undone, today's kept first.

        Captions that are not in it stay as they are.
        """
        session = self._session
        names = session.captions.names()

        def done(saved: dict[str, str]) -> None:
            now = session.captions.texts()
            texts = {n: text for n, text in saved.items() if n in now and (now[n] or "") != text}
            missing = sum(name not in now for name in saved)
            label = f"restore snapshot {name}"
            edit_after_snapshot(session, texts, label, lambda _: self._tell(name, texts, missing))

        _with_history(session, lambda history: history.load(name, names), done)

    def _tell(self, name: str, texts: Mapping[str, str], missing: int) -> None:
        count = len(texts)
        what = "1 caption is" if count == 1 else f"{count} captions are"
        words = f'{what} as in "{name}" again.' if count else f'All captions are as in "{name}".'
        gone = f" {missing} of it have no image any more." if missing else ""
        self._session.notify("good" if count else "info", words + gone)

    def _change(self, work: Callable[[History], object]) -> None:
        _with_history(self._session, work, lambda _result: self._session.snapshots_changed.emit())

    def _take(self, found: list[Snapshot]) -> None:
        self.snapshots = found
        self.changed.emit()


def _with_history(
    session: Session, work: Callable[[History], Any], done: Callable[[Any], object]
) -> None:
    """Do something with the project's history in the background."""
    project = session.project
    if project is None:
        return

    def run() -> Any:
        with History(project.folder) as history:
            return work(history)

    run_task(run, done, session.show_error, parent=session)
