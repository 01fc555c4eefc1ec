"""Session: the open project and everything about it that panels share; passed down, no globals."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core import captions as caption_files
from bespoke_gui.core import settings as settings_file
from bespoke_gui.core.captions import Caption
from bespoke_gui.core.dataset import Dataset, Item
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.project import Project, open_project
from bespoke_gui.core.project_data import scan_project
from bespoke_gui.qtmodels.caption_journal import Journal
from bespoke_gui.qtmodels.caption_model import CaptionStore
from bespoke_gui.qtmodels.tasks import run_task
from bespoke_gui.qtmodels.thumbnails import ThumbnailCache

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

    def save_file(self, title: str, pattern: str, start: str = "") -> Path | None:
        return None


@dataclass(frozen=True)
class Opened:
    """A project with what was read of it."""

    project: Project
    dataset: Dataset
    captions: dict[str, Caption]
    read_at: float = 0.0


class Session(QObject):
    """What is open, and the signals by which panels hear of changes.

    `captions` holds the texts as edited (CaptionStore); `thumbnails` native images of any file.
    `go_to` asks the window to show a panel, by its name.
    """

    project_changed = Signal()
    captions_changed = Signal(list)
    runs_changed = Signal()
    galleries_changed = Signal()
    prepared_changed = Signal()
    packages_changed = Signal()
    snapshots_changed = Signal()
    busy_changed = Signal(bool)
    notice = Signal(str, str, str)
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
        self.captions = CaptionStore(self)
        self.captions.changed.connect(self.captions_changed)
        self.thumbnails = ThumbnailCache(self)

    def open_project(self, path: Path | str, done: Callable[[], object] | None = None) -> None:
        """Read a project in the background; `project_changed` follows, or a notice."""
        self._set_opening(True)

        def finish(opened: Opened) -> None:
            self._take(opened)
            if done is not None:
                done()

        run_task(
            lambda: read_project(Path(path)),
            finish,
            self.show_error,
            parent=self,
            ended=lambda: self._set_opening(False),
        )

    def close_project(self) -> None:
        """Go back to the start page; unsaved captions must have been dealt with."""
        self.project, self.dataset = None, None
        self.captions.load({})
        self.thumbnails.clear()
        self.project_changed.emit()

    def rescan(self) -> None:
        """Read the open project again, for example after images were added; keeps edits."""
        if self.project is not None and not self.captions.unsaved():
            self.open_project(self.project.folder)

    def show_caption(self, name: str) -> None:
        """Open the captions panel at one image."""
        self.go_to.emit("captions")
        self.caption_wanted.emit(name)

    def item(self, name: str) -> Item | None:
        """Return the dataset's item of that name."""
        items = self.dataset.items if self.dataset else []
        return next((item for item in items if item.name == name), None)

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

    def save_settings(self) -> None:
        """Write the settings; where that fails say so and go on."""
        try:
            settings_file.save(self.settings)
        except (AppError, OSError) as error:
            self.show_error(error)

    def _set_opening(self, opening: bool) -> None:
        self.is_opening = opening
        self.busy_changed.emit(opening)

    def _take(self, opened: Opened) -> None:
        self.project, self.dataset = opened.project, opened.dataset
        bespoke = opened.project.bespoke_dir
        self.thumbnails.use(bespoke / "thumbnails", opened.project.native_size)
        self.captions.separator = opened.project.separator
        self.captions.load(opened.captions, Journal(bespoke / "journal"), opened.read_at)
        self.settings.remember(opened.project.folder)
        self.save_settings()
        self.project_changed.emit()


def read_project(path: Path) -> Opened:
    """Read a project, its images' names and all captions; raises AppError."""
    project = open_project(path)
    read_at = time.time()
    dataset = read_dataset(project)
    return Opened(project, dataset, caption_files.read_all(dataset), read_at)


def read_dataset(project: Project) -> Dataset:
    """Return all dataset folders of a project as one; several are told apart by their names."""
    return scan_project(project)


def _facts(error: AppError) -> str:
    lines = [error.message, f"File: {error.file}" if error.file else "", error.hint]
    return "\n".join(line for line in lines if line)
