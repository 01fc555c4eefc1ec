"""Packaging: which set with which config, the zip, and whether it would train."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.project import Project
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Source:
    """A set that can be packed: its words for the chooser, and its folder."""

    label: str
    folder: Path


@dataclass(frozen=True)
class Packed:
    """A package and what verifying it found. `ok`: it would train."""

    path: Path
    bytes: int
    images: int
    captions: int
    sha256: str
    ok: bool
    problems: list[Problem]


class PackageModel(QObject):
    """Builds packages of the open project. `built` carries a Packed."""

    choices_changed = Signal()
    busy_changed = Signal(bool)
    built = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.sources: list[Source] = []
        self.configs: list[Path] = []
        for changed in (session.project_changed, session.prepared_changed):
            changed.connect(self.refresh)

    def refresh(self) -> None:
        """Look for prepared sets and configs again, in the background."""
        project = self._session.project
        if project is None:
            self._take(([], []))
            return
        run_task(lambda: _choices(project), self._take, self._session.show_error, parent=self)

    def build(self, source: Source, config: Path, name: str) -> None:
        """Write packages/NAME.zip and verify it."""
        project = self._session.project
        if project is None:
            return
        out = project.packages_dir / f"{name}.zip"
        self.busy_changed.emit(True)
        run_task(
            lambda: build_and_verify(project, source.folder, config, out),
            self._on_built,
            self._session.show_error,
            parent=self,
            ended=lambda: self.busy_changed.emit(False),
        )

    def import_config(self, path: Path) -> None:
        """Copy a training config into the project; one of the same name is not replaced."""
        project = self._session.project
        if project is None:
            return

        def done(copied: Path) -> None:
            self._session.notify("good", f"Took {copied.name} into the project's configs.")
            self.refresh()

        run_task(
            lambda: copy_config(path, project.configs_dir),
            done,
            self._session.show_error,
            parent=self,
        )

    def _take(self, found: tuple[list[Source], list[Path]]) -> None:
        self.sources, self.configs = found
        self.choices_changed.emit()

    def _on_built(self, packed: Packed) -> None:
        self.built.emit(packed)
        level, verdict = ("good", "would train") if packed.ok else ("warning", "would not train")
        details = "\n".join(f"{p.file}: {p.message}".strip(": ") for p in packed.problems)
        self._session.notify(level, f"Built {packed.path.name}: it {verdict}.", details)
        self._session.packages_changed.emit()


def build_and_verify(project: Project, folder: Path, config: Path, out: Path) -> Packed:
    """Build a package and judge the file as it was written. Raises AppError."""
    from bespoke_gui.core.package import build_package
    from bespoke_gui.core.package_verify import inspect_package

    repeats = 0 if folder == project.folder else project.dataset_dirs[0][1]
    report = build_package(
        folder, config, out, repeats=repeats, caption_extension=project.caption_extension
    )
    found = inspect_package(report.package)
    problems = report.problems + found.problems
    return Packed(
        report.package,
        report.bytes,
        found.images,
        found.captions,
        report.sha256,
        found.ok,
        problems,
    )


def copy_config(path: Path, folder: Path) -> Path:
    """Copy a config that can be read into `folder`. Raises AppError."""
    from bespoke_gui.core.config.trainer_config import TrainingConfig

    TrainingConfig.load(path)
    target = folder / path.name
    if target.exists():
        raise AppError("is there already, nothing was changed", file=target, hint="rename yours")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"cannot be copied: {reason}", file=path) from error
    return target


def _choices(project: Project) -> tuple[list[Source], list[Path]]:
    """Return prepared sets, the newest first, then the dataset itself; and the configs."""
    prepared = [p for p in _entries(project.prepared_dir) if (p / MANIFEST).is_file()]
    prepared.sort(key=lambda p: (p / MANIFEST).stat().st_mtime, reverse=True)
    sources = [Source(f"Prepared: {p.name}", p) for p in prepared]
    sources.append(Source("The dataset as it is", project.folder))
    configs = [p for p in _entries(project.configs_dir) if p.suffix == ".toml"]
    return sources, sorted(configs)


def _entries(folder: Path) -> list[Path]:
    try:
        return [p for p in folder.iterdir() if not p.name.startswith(".")]
    except OSError:
        return []
