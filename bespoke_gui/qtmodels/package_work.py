"""What the package page does away from the window: choices, judgements, edits, the bin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bespoke_gui.core.atomic import write_bytes
from bespoke_gui.core.config.fixes import Fix, apply_fix
from bespoke_gui.core.config.history import history_folder, history_name
from bespoke_gui.core.config.schedule import Plan
from bespoke_gui.core.config.trainer_config import decode
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.history import History
from bespoke_gui.core.project import Project

if TYPE_CHECKING:
    from bespoke_gui.core.package_inspection import Inspection
    from bespoke_gui.core.package_make import Made, Order, Preview
    from bespoke_gui.core.package_shelf import Binned, Shelved

MANIFEST = "manifest.json"
SOURCE = "package page"


@dataclass(frozen=True)
class Source:
    """A set that can be packed: its words for the chooser, and its folder."""

    label: str
    folder: Path


@dataclass(frozen=True)
class Choice:
    """What the person chose to pack; repeats 0 and an empty class name leave both to the set."""

    source: Source
    config: Path
    name: str
    class_word: str = ""
    repeats: int = 0

    def order(self, project: Project) -> Order:
        """Return what is to be made of it in a project."""
        from bespoke_gui.core.package_make import Order

        own = 0 if self.source.folder == project.folder else project.dataset_dirs[0][1]
        return Order(
            self.source.folder,
            self.config,
            project.packages_dir / f"{self.name}.zip",
            repeats=self.repeats or own,
            class_word=self.class_word,
            caption_extension=project.caption_extension,
        )


@dataclass(frozen=True)
class Verdict:
    """A package as it was judged, before or after it was made.

    title: its name; made: whether it is on disk; course: of the training; gigabytes: disk there;
    sha256, bytes: of the zip on disk; commands: what to type on the machine.
    """

    title: str
    found: Inspection
    problems: list[Problem]
    made: bool = False
    course: Plan | None = None
    gigabytes: int = 0
    sha256: str = ""
    bytes: int = 0
    note: str = ""
    commands: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Mended:
    """An edit of a config: its words, the file, and both texts as bytes."""

    words: str
    path: Path
    before: bytes
    after: bytes


def choices(project: Project) -> tuple[list[Source], list[Path]]:
    """Return prepared sets, the newest first, then the dataset itself; and the configs."""
    prepared = [p for p in _entries(project.prepared_dir) if (p / MANIFEST).is_file()]
    prepared.sort(key=lambda p: (p / MANIFEST).stat().st_mtime, reverse=True)
    sources = [Source(f"Prepared: {p.name}", p) for p in prepared]
    sources.append(Source("The dataset as it is", project.folder))
    configs = [p for p in _entries(project.configs_dir) if p.suffix == ".toml"]
    return sources, sorted(configs)


def shelf(project: Project, known: dict[Shelved, str]) -> list[Shelved]:
    """Return the packages of a project."""
    from bespoke_gui.core.package_shelf import packages_in

    return packages_in(project.packages_dir, known)


def to_bin(path: Path, project: Project) -> Binned:
    """Move a package to the project's bin."""
    from bespoke_gui.core.package_shelf import bin_package

    return bin_package(path, project.bespoke_dir)


def from_bin(binned: Binned) -> None:
    """Take a package out of the bin."""
    from bespoke_gui.core.package_shelf import take_back

    take_back(binned)


def judge(
    path: Path, progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]
) -> Verdict:
    """Judge a package on disk. Raises AppError only when nothing is there."""
    from bespoke_gui.core.package_verify import inspect_package

    found = inspect_package(path, progress, cancelled)
    size = path.stat().st_size if path.is_file() else found.bytes
    return Verdict(path.name, found, found.problems, True, sha256=found.sha256, bytes=size)


def verdict_of_preview(preview: Preview) -> Verdict:
    """Return what is shown of a package before it is built."""
    from bespoke_gui.core.package_script import course_of, disk_gigabytes

    plan = preview.plan
    return Verdict(
        "The new package",
        preview.found,
        preview.problems,
        course=course_of(plan.config, plan.contents),
        gigabytes=disk_gigabytes(plan.config, plan.contents),
    )


def verdict_of_made(made: Made) -> Verdict:
    """Return what is shown of a package that was just built."""

    from bespoke_gui.core.package_log import commands_for

    report = made.report
    note = f"The one before is kept as backups/{made.backup.name}." if made.backup else ""
    return Verdict(
        report.package.name,
        made.found,
        made.problems,
        True,
        sha256=report.sha256,
        bytes=report.bytes,
        note=note,
        commands=commands_for(report),
    )


def mend(path: Path, fix: Fix) -> Mended:
    """Make one edit in a config of the project; both texts stay in its history."""
    before = _read(path)
    after = apply_fix(decode(before, path), fix).encode("utf-8")
    _write(path, before, after)
    return Mended(fix.words, path, before, after)


def undo_mend(mended: Mended) -> None:
    """Bring the earlier text back; raises AppError when the config was changed since."""
    _write(mended.path, mended.after, mended.before)


def _write(path: Path, expected: bytes, data: bytes) -> None:
    def unchanged() -> None:
        if _read(path) != expected:
            hint = "nothing was written; look at it again"
            raise AppError("was changed meanwhile", file=path, hint=hint, kind="conflict")

    write_bytes(path, data, unchanged)
    with History(history_folder(path)) as history:
        for text in (expected, data):
            history.record(history_name(path), text.decode("utf-8"), SOURCE)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"cannot be read: {reason}", file=path) from error


def _entries(folder: Path) -> list[Path]:
    try:
        return [p for p in folder.iterdir() if not p.name.startswith(".")]
    except OSError:
        return []
