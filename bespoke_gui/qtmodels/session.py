"""Session: the open project and everything about it that panels share; passed down, no globals."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core import captions as caption_files
from bespoke_gui.core import settings as settings_file
from bespoke_gui.core.breathing import here_to_stay
from bespoke_gui.core.captions import Caption
from bespoke_gui.core.dataset import Dataset, Item, require_folder
from bespoke_gui.core.dataset_files import Listing
from bespoke_gui.core.dataset_index import LARGE, list_project, read_index, write_index
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.project import Project, open_project
from bespoke_gui.core.project_data import project_dataset
from bespoke_gui.core.project_lock import Holder, ProjectLock
from bespoke_gui.qtmodels.caption_journal import Journal
from bespoke_gui.qtmodels.caption_model import CaptionStore
from bespoke_gui.qtmodels.caption_recorder import CaptionRecorder
from bespoke_gui.qtmodels.tasks import run_task
from bespoke_gui.qtmodels.thumbnails import ThumbnailCache
from bespoke_gui.qtmodels.view_memory import ViewMemory

log = logging.getLogger("bespoke")
LEVELS = ("info", "good", "warning", "error")


class Ask(Protocol):
    """How the person is asked something; tests answer without a dialog."""

    def choose(self, title: str, text: str, choices: Sequence[tuple[str, str]]) -> str:
        """Offer (key, words) choices, the first being the safe default; "" means cancelled."""
        ...

    def text(self, title: str, label: str, value: str = "") -> str:
        """Ask for a line of text; "" means cancelled."""
        ...

    def folder(self, title: str, start: str = "") -> Path | None:
        """Ask for an existing folder."""
        ...

    def open_file(self, title: str, pattern: str, start: str = "") -> Path | None:
        """Ask for an existing file."""
        ...

    def open_files(self, title: str, pattern: str, start: str = "") -> list[Path]:
        """Ask for existing files; empty means cancelled."""
        ...

    def save_file(self, title: str, pattern: str, start: str = "") -> Path | None:
        """Ask where to write a file."""
        ...


class NobodyToAsk:
    """Answers every question with cancel: a session without a window."""

    def choose(self, title: str, text: str, choices: Sequence[tuple[str, str]]) -> str:
        return ""

    def text(self, title: str, label: str, value: str = "") -> str:
        return ""

    def folder(self, title: str, start: str = "") -> Path | None:
        return None

    def open_file(self, title: str, pattern: str, start: str = "") -> Path | None:
        return None

    def open_files(self, title: str, pattern: str, start: str = "") -> list[Path]:
        return []

    def save_file(self, title: str, pattern: str, start: str = "") -> Path | None:
        return None


@dataclass(frozen=True)
class Opened:
    """A project with what was read of it; the captions of a large set come later (None).

    `is_checked`: the file names are those on disk, not those of an index.
    """

    project: Project
    dataset: Dataset
    captions: dict[str, Caption] | None
    read_at: float = 0.0
    listings: list[Listing] = field(default_factory=list)
    is_checked: bool = True


class Session(QObject):
    """What is open, and the signals by which panels hear of changes.

    `captions` holds the texts as edited (CaptionStore), `recorder` keeps each saved one in the
    history; `thumbnails` native images of any file.
    `view` remembers how this project was looked at.
    `go_to` asks the window to show a panel, by its name, or "panel/page". `is_reading`: the
    images are there, their captions are still being read.
    """

    project_changed = Signal()
    captions_changed = Signal(object)
    runs_changed = Signal()
    galleries_changed = Signal()
    prepared_changed = Signal()
    packages_changed = Signal()
    snapshots_changed = Signal()
    busy_changed = Signal(bool)
    notice = Signal(str, str, str)
    placed = Signal(object)
    go_to = Signal(str)
    caption_wanted = Signal(str)

    def __init__(
        self,
        settings: settings_file.Settings | None = None,
        ask: Ask | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.settings = settings or settings_file.load()
        self.ask: Ask = ask or NobodyToAsk()
        self.project: Project | None = None
        self.dataset: Dataset | None = None
        self.is_opening = False
        self.is_reading = False
        self._lock: ProjectLock | None = None
        self.captions = CaptionStore(self)
        self.captions.changed.connect(self.captions_changed)
        self.recorder = CaptionRecorder(self.captions, self)
        self.recorder.failed.connect(lambda text: self.notify("warning", text))
        self.thumbnails = ThumbnailCache(self)
        self.view = ViewMemory(self)

    def open_project(self, path: Path | str, done: Callable[[], object] | None = None) -> None:
        """Read a project in the background; `project_changed` follows, or a notice.

        A large set comes in steps, each with the signal: first its images, out of an index where
        there is one; the images anew where they are others by now; then its captions.
        Unsaved captions of the open one are saved first; what cannot be saved stays in its
        journal. Where another window has the project the person chooses what to do.
        """
        self._set_opening(True)
        lock: list[ProjectLock] = []

        def read() -> tuple[Opened, Holder | None]:
            opened = read_project(Path(path))
            lock.append(ProjectLock(opened.project.bespoke_dir))
            return opened, lock[0].acquire()

        def finish(result: tuple[Opened, Holder | None]) -> None:
            opened, holder = result
            read_only = self._ask_about(holder, lock[0]) if holder else ""
            if read_only is None:
                return
            self._take(opened, lock[0], read_only)
            if opened.captions is None:
                self._check_files(opened, read_only, done)
            elif done is not None:
                done()

        def ended() -> None:
            self._set_opening(self.is_reading)

        def begin(_report: object = None) -> None:
            run_task(read, finish, self.show_error, parent=self, ended=ended)

        self._when_saved(begin)

    def close_project(self) -> None:
        """Go back to the start page, after saving what can be saved."""

        def close(_report: object = None) -> None:
            self.release_lock()
            self.project, self.dataset, self.is_reading = None, None, False
            self.recorder.use(None)
            self.view.use(None)
            self.captions.load({})
            self.thumbnails.clear()
            self.project_changed.emit()

        self._when_saved(close)

    def check_lock(self) -> None:
        """Look in the background whether the project is still ours; else go on read-only."""
        lock = self._lock
        if lock is None:
            return

        def done(ours: bool) -> None:
            if lock is self._lock and not ours:
                self._lock = None
                self.captions.make_read_only("another window took this project over.")
                text = "Another window took this project over; this one shows it read-only now."
                self.notify("warning", f"{text} What was not saved here is offered there.")

        run_task(lock.is_ours, done, parent=self)

    def release_lock(self) -> None:
        """Let other windows have the project."""
        if self._lock is not None:
            self._lock.release()
        self._lock = None

    def rescan(self) -> None:
        """Read the open project again, for example after images were added; saves first."""
        if self.project is not None:
            self.open_project(self.project.folder)

    def take_reading(
        self,
        project: Project,
        dataset: Dataset,
        captions: Mapping[str, Caption],
        moved: Mapping[str, str],
    ) -> None:
        """Take over images that came, went or have another name; edits and undo steps stay."""
        self.project, self.dataset = project, dataset
        self.captions.reconcile(captions, moved)
        self.project_changed.emit()

    def show_caption(self, name: str) -> None:
        """Open the captions panel at one image."""
        self.go_to.emit("captions")
        self.caption_wanted.emit(name)

    def item(self, name: str) -> Item | None:
        """Return the dataset's item of that name."""
        return self.dataset.by_name.get(name) if self.dataset else None

    def show_error(self, error: BaseException) -> None:
        """Tell the person what went wrong, in words; the traceback goes to the details and log."""
        details = "".join(traceback.format_exception(error))
        if isinstance(error, AppError):
            log.warning("%s", error)
            self.notify("error", str(error), details if error.__cause__ else _facts(error))
            return
        log.error("unexpected error", exc_info=error)
        text = f"Something unexpected went wrong: {type(error).__name__}: {error}"
        self.notify("error", text, details)

    def notify(self, level: str, text: str, details: str = "") -> None:
        """Show a message in the window; `level` is info, good, warning or error."""
        if level not in LEVELS:
            raise ValueError(f"unknown level {level!r}")
        self.notice.emit(level, text, details)

    def notify_written(self, text: str, path: Path, level: str = "good", details: str = "") -> None:
        """Show a message about a file or folder that was written: `placed` says where it lies."""
        self.notify(level, text, details)
        self.placed.emit(path)

    def save_settings(self) -> None:
        """Write the settings; where that fails say so and go on."""
        try:
            settings_file.save(self.settings)
        except (AppError, OSError) as error:
            self.show_error(error)

    def _set_opening(self, opening: bool) -> None:
        self.is_opening = opening
        self.busy_changed.emit(opening)

    def _when_saved(self, go_on: Callable[..., object]) -> None:
        unsaved = self.captions.unsaved()
        if unsaved and self.settings.autosave:
            self.captions.save(unsaved, go_on)
        else:
            go_on()

    def _ask_about(self, holder: Holder, lock: ProjectLock) -> str | None:
        """Ask what to do about a project in use; return why it is read-only, None: not opened."""
        title = "This project is already in use"
        text = (
            f"It is {holder.words()}. Two windows that edit the same captions get in each "
            "other's way; a window that loses the project goes on read-only."
        )
        choices = [("read", "Open read-only"), ("take", "Take it over")]
        answer = self.ask.choose(title, text, choices)
        if answer == "take":
            lock.acquire(take_over=True)
            return ""
        return f"the project is {holder.words()}." if answer else None

    def _take(self, opened: Opened, lock: ProjectLock, read_only: str) -> None:
        self.release_lock()
        self._lock = None if read_only else lock
        self.captions.may_write = None if read_only else lock.require
        self.project, self.dataset = opened.project, opened.dataset
        self.is_reading = opened.captions is None
        bespoke = opened.project.bespoke_dir
        self.thumbnails.use(bespoke / "thumbnails", opened.project.native_size)
        self.view.use(bespoke, may_write=not read_only)
        self.recorder.use(opened.project.folder)
        self.captions.separator = opened.project.separator
        self._load(opened, opened.captions, read_only)
        self.settings.remember(opened.project.folder)
        self.save_settings()
        self.project_changed.emit()

    def _load(self, opened: Opened, captions: Mapping[str, Caption] | None, read_only: str) -> None:
        """Fill the store; while captions are still read it is empty and takes no edits."""
        journal = Journal(opened.project.bespoke_dir / "journal")
        if captions is None:
            self.captions.load({}, None, opened.read_at, "the captions are still being read.")
        else:
            self.captions.load(captions, journal, opened.read_at, read_only)

    def _check_files(
        self, opened: Opened, read_only: str, done: Callable[[], object] | None
    ) -> None:
        """Look whether the images shown are those on disk, then read their captions."""

        def finish(checked: Opened) -> None:
            if self.project is not opened.project:
                return  # another project was opened meanwhile
            if checked.dataset is not opened.dataset:
                self.dataset = checked.dataset
                self.project_changed.emit()
            self._read_captions(checked, read_only, done)

        run_task(lambda: check_files(opened), finish, self._not_read(opened.project), parent=self)

    def _read_captions(
        self, opened: Opened, read_only: str, done: Callable[[], object] | None
    ) -> None:
        """Read the captions of a large set, whose images are shown already."""

        def finish(captions: Mapping[str, Caption]) -> None:
            if self.project is not opened.project:
                return  # another project was opened meanwhile
            self.is_reading = False
            here_to_stay()
            self._load(opened, captions, read_only)
            self._set_opening(False)
            self.project_changed.emit()
            if done is not None:
                done()

        run_task(
            lambda: caption_files.read_all(opened.dataset),
            finish,
            self._not_read(opened.project),
            parent=self,
        )

    def _not_read(self, project: Project) -> Callable[[Exception], None]:
        def failed(error: Exception) -> None:
            if self.project is project:
                self.is_reading = False
                self._set_opening(False)
            self.show_error(error)

        return failed


def read_project(path: Path) -> Opened:
    """Read a project and its images' names, of a small set all captions too; raises AppError.

    The names of a large set come out of its index, where there is one: `check_files` follows.
    """
    project = open_project(path)
    read_at = time.time()
    for folder, _ in project.dataset_dirs:
        require_folder(folder)
    known = read_index(project)
    listings = list_project(project).listings if known is None else known
    dataset = project_dataset(project, listings).look_over()
    small = known is None and len(dataset.items) <= LARGE
    captions = caption_files.read_all(dataset) if small else None
    return Opened(project, dataset, captions, read_at, listings, known is None)


def check_files(opened: Opened) -> Opened:
    """Return what is on disk where that is not what the index said; keeps an index of it.

    Raises AppError when a dataset folder is no longer there.
    """
    listings, dataset = opened.listings, opened.dataset
    if not opened.is_checked:
        checked = list_project(opened.project, listings)
        if not checked.changed:
            return opened
        listings = checked.listings
        dataset = project_dataset(opened.project, listings).look_over()
    write_index(opened.project, listings)
    return replace(opened, dataset=dataset, listings=listings, is_checked=True)


def _facts(error: AppError) -> str:
    lines = [error.message, f"File: {error.file}" if error.file else "", error.hint]
    return "\n".join(line for line in lines if line)
