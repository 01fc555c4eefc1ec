"""What trains the captions: the chosen training config, and what it makes of one caption."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Signal

from bespoke_gui.core.captions import Caption, read_safely
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.trainer_view import (
    Borrowed,
    TrainerSetup,
    TrainerView,
    as_stored,
    borrowed_stem,
    project_class_word,
    setup_from,
    view,
)
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import Task, run_task

CHOSEN = "training_config"


@dataclass(frozen=True)
class Read:
    """The project's configs, the one changed last first, and what those that can be read say."""

    paths: list[Path] = field(default_factory=list)
    setups: dict[Path, TrainerSetup] = field(default_factory=dict)


class CaptionTraining(QObject):
    """The config in use is the one chosen, else the newest that can be read, else none.

    `changed` comes when it was read. `edited` follows when that gave something else than before:
    a config was chosen, written or taken away while the project was open, or one chosen at an
    earlier time takes the place of the newest.
    """

    changed = Signal()
    edited = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._read = Read()
        self._chosen: Path | None = None
        self._is_first = True
        self._task: Task | None = None
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self.reload)
        self._watcher.fileChanged.connect(self.reload)
        session.project_changed.connect(self._on_project_changed)
        self._on_project_changed()

    def configs(self) -> list[Path]:
        """Return the configs that can be read, the one changed last first."""
        return [path for path in self._read.paths if path in self._read.setups]

    def config(self) -> Path | None:
        """Return the config in use, None where the project has none."""
        configs = self.configs()
        return self._chosen if self._chosen in configs else next(iter(configs), None)

    def choose(self, path: Path) -> None:
        """Use this config from now on."""
        before = self.config()
        self._chosen = path
        self._session.view.set(CHOSEN, path.name)
        self.changed.emit()
        if self.config() != before:
            self.edited.emit()

    def chosen(self) -> Path | None:
        """Return the config that was chosen, None while the newest counts."""
        return self._chosen if self._chosen in self.configs() else None

    def setup(self) -> TrainerSetup:
        """Return what the config in use says, the trainer's defaults without one."""
        path, project = self.config(), self._session.project
        if path is not None:
            return self._read.setups[path]
        return setup_from({}, project.caption_extension if project else None)

    def limit(self) -> int | None:
        """Return how many tokens the trainer reads, None without a config."""
        return self.setup().limit if self.config() else None

    def view(self, name: str, seed: int = 0) -> TrainerView:
        """Return what the trainer reads of a caption as it is now in the window."""
        store, project = self._session.captions, self._session.project
        disk = store.on_disk(name)
        return view(
            as_stored(disk, store.text(name)),
            self.setup(),
            extension=project.caption_extension if project else ".txt",
            encoding=disk.encoding,
            borrowed=self._borrowed(disk) if disk.missing else None,
            class_word=project_class_word(project, name) if project else "",
            trigger=project.trigger if project else "",
            seed=seed,
        )

    def _borrowed(self, disk: Caption) -> Borrowed | None:
        stem = borrowed_stem(disk.path.stem)
        if not stem:
            return None
        path, store = disk.path.with_name(stem + disk.path.suffix), self._session.captions
        name = next((n for n in store.names() if store.on_disk(n).path == path), None)
        other = store.on_disk(name) if name else read_safely(path)
        text = as_stored(other, store.text(name) if name else other.text)
        return Borrowed(path.name, text) if text and not other.unreadable else None

    def reload(self) -> None:
        """Read the configs anew, in the background."""
        project = self._session.project
        if self._task is not None:
            self._task.cancel()
        if project is None:
            self._take(Read())
            return
        folder = project.configs_dir
        self._task = run_task(lambda: _read(folder), self._take, parent=self)

    def _take(self, read: Read) -> None:
        first, before = self._is_first, (self.config(), self.setup())
        self._is_first, self._read = False, read
        watched = {*self._watcher.files(), *self._watcher.directories()}
        wanted = {str(path) for path in read.paths}
        project = self._session.project
        if project is not None and project.configs_dir.is_dir():
            wanted.add(str(project.configs_dir))
        if gone := sorted(watched - wanted):
            self._watcher.removePaths(gone)
        if new := sorted(wanted - watched):
            self._watcher.addPaths(new)
        self.changed.emit()
        if self.chosen() is not None if first else before != (self.config(), self.setup()):
            self.edited.emit()

    def _on_project_changed(self) -> None:
        project, name = self._session.project, self._session.view.get(CHOSEN, "")
        self._chosen = project.configs_dir / name if project and name else None
        self._is_first = True
        self.reload()


def _read(folder: Path) -> Read:
    paths = sorted(folder.glob("*.toml"), key=_changed_at, reverse=True)
    setups: dict[Path, TrainerSetup] = {}
    for path in paths:
        try:
            setups[path] = setup_from(TrainingConfig.load(path).values)
        except AppError:
            continue  # the Train room says what is wrong with it
    return Read(paths, setups)


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
