"""Caption keeper: saves after a pause, looks for changes of other programs, minds the lock."""

from __future__ import annotations

import time

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from bespoke_gui.core import atomic
from bespoke_gui.core.dataset import Dataset
from bespoke_gui.core.errors import AppError
from bespoke_gui.qtmodels.caption_model import SaveReport
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task

PAUSE_MS = 2000  # without an edit, until captions are saved
LONGEST_MS = 20_000  # of typing without a pause, and until a failed save is tried again
SETTLE_MS = 300  # after a folder changed: a program may write several files
LOOK_EVERY_MS = 3000
LOOK_AT_LEAST_EVERY_MS = 10 * 60 * 1000  # a computer that slept meanwhile took no time to look
SHARE = 50  # looking takes at most this part of the time, however many captions there are
MOST_FOLDERS = 256  # systems allow few watched folders; the others are looked at all the same


class Autosave(QObject):
    """Saves unsaved captions when nobody typed for a while.

    `failed` carries errors by caption, each told once: a caption is tried again quietly, and told
    again only when the reason is another or it was saved in between.
    """

    failed = Signal(dict)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._told: dict[str, str] = {}
        self._pause = _timer(self, PAUSE_MS, self.now)
        self._longest = _timer(self, LONGEST_MS, self.now)
        store = session.captions
        store.unsaved_changed.connect(self._on_unsaved_changed)
        store.pause.connect(self.now)
        store.saved.connect(self._on_saved)
        store.loaded.connect(self._on_loaded)

    def now(self) -> None:
        """Save what is unsaved, without waiting for the pause."""
        self._pause.stop()
        self._longest.stop()
        store = self._session.captions
        if self._session.settings.autosave and store.unsaved_count() > len(store.clashes):
            store.save(store.unsaved(), self._after)

    def _on_unsaved_changed(self) -> None:
        store = self._session.captions
        if not self._session.settings.autosave or not store.unsaved_count():
            self._pause.stop()
            self._longest.stop()
            return
        self._pause.start()
        if not self._longest.isActive():
            self._longest.start()

    def _after(self, report: SaveReport) -> None:
        new = {n: e for n, e in report.failed.items() if self._told.get(n) != str(e)}
        self._told.update({name: str(error) for name, error in new.items()})
        if new:
            self.failed.emit(new)
        if report.failed:
            self._longest.start()

    def _on_saved(self, names: list[str]) -> None:
        for name in names:
            self._told.pop(name, None)

    def _on_loaded(self) -> None:
        self._told = {}
        self._pause.stop()
        self._longest.stop()


class DiskLook(QObject):
    """Notices what other programs do to the captions of the open project.

    Folders are watched, not files: there may be 20,000. As watching tells nothing of a file
    that is written in place, the time stamps are looked at now and then as well.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._began = 0.0
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self._on_folder)
        self._soon = _timer(self, SETTLE_MS, self.now)
        self._later = _timer(self, LOOK_EVERY_MS, self.now)
        session.captions.looked.connect(self._on_looked)
        session.project_changed.connect(self._on_project_changed)
        self._on_project_changed()

    def now(self) -> None:
        """Look in the background; what is found arrives in the store."""
        self._soon.stop()
        self._later.start()
        if self._session.project is not None:
            self._began = time.monotonic()
            self._session.check_lock()
            self._session.captions.take_changes_from_disk()

    def folders(self) -> list[str]:
        """Return the folders that are watched."""
        return self._watcher.directories()

    def _on_folder(self, _folder: str) -> None:
        self._soon.start()

    def _on_looked(self) -> None:
        took = 1000 * (time.monotonic() - self._began)
        wait = min(max(LOOK_EVERY_MS, SHARE * took), LOOK_AT_LEAST_EVERY_MS)
        self._later.start(int(wait))
        if self._session.captions.is_unsure_of_disk:
            self._soon.start()

    def _on_project_changed(self) -> None:
        if old := self._watcher.directories():
            self._watcher.removePaths(old)
        project, dataset = self._session.project, self._session.dataset
        self._soon.stop()
        self._later.stop()
        if project is None or dataset is None or self._session.is_reading:
            return

        def watch(found: list[str]) -> None:
            if self._session.project is project and found:
                self._watcher.addPaths(found)

        run_task(lambda: _folders_of(dataset), watch, parent=self)
        self._later.start(LOOK_EVERY_MS)


class CaptionKeeper(QObject):
    """All that looks after the captions while the window is open.

    `save_failed` and `notice` are for a person: calm, once, and with what to do.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.autosave = Autosave(session, self)
        self.look = DiskLook(session, self)
        self.autosave.failed.connect(self._tell_failed)
        store = session.captions
        store.taken_from_disk.connect(self._tell_taken)
        store.journal_failed.connect(self._tell_journal)
        store.refused.connect(self._tell_refused)

    def on_window_active(self, active: bool) -> None:
        """The window came to the front, or left it."""
        (self.look if active else self.autosave).now()

    def _tell_failed(self, errors: dict[str, AppError]) -> None:
        lines = [str(error) for error in errors.values()]
        what = lines[0] if len(lines) == 1 else f"{len(lines)} captions could not be saved."
        kept = "The text is kept here and in the journal; saving is tried again by itself."
        if any(error.kind == "taken_over" for error in errors.values()):
            self._session.check_lock()
            return
        self._session.notify("warning", f"{what} {kept}", "\n".join(lines))

    def _tell_taken(self, taken: list[str], merged: list[str]) -> None:
        parts = [f"{_what(taken)} changed in another program; the new text was taken"] * bool(taken)
        parts += [f"{_what(merged)}: your edit was joined with a change of another program"] * bool(
            merged
        )
        text = "; ".join(parts) + " (undo brings it back)."
        self._session.notify("info", text, "\n".join([*taken, *merged]))

    def _tell_journal(self, error: str) -> None:
        self._session.notify(
            "warning",
            "Unsaved texts cannot be kept for a crash; save often until this is mended.",
            error,
        )

    def _tell_refused(self, why: str) -> None:
        self._session.notify("info", f"Nothing was changed: {why}")


def _what(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} captions"


def _folders_of(dataset: Dataset) -> list[str]:
    """Return the folders of all captions, tidied of what killed programs left there."""
    folders = dataset.caption_folders()
    for folder in folders:
        atomic.sweep(folder)
    return [str(folder) for folder in folders[:MOST_FOLDERS]]


def _timer(parent: QObject, milliseconds: int, run: object) -> QTimer:
    timer = QTimer(parent, singleShot=True, interval=milliseconds)
    timer.timeout.connect(run)
    return timer
