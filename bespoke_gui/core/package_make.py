"""Make a package as a person wants it made: built, judged, logged, and the one before kept."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from bespoke_gui.core.atomic import sweep
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.package import (
    Cancelled,
    PackageReport,
    Progress,
    is_package,
    require_outside,
    write_package,
)
from bespoke_gui.core.package_changes import Hashes, PackageChanges, changes_since
from bespoke_gui.core.package_images import Looks
from bespoke_gui.core.package_inspection import Inspection
from bespoke_gui.core.package_integrity import sha256_of
from bespoke_gui.core.package_log import LogEntry, log_of, write_log
from bespoke_gui.core.package_plan import PackagePlan, plan_package
from bespoke_gui.core.package_verify import inspect_package, inspect_plan

BACKUPS = "backups"


@dataclass(frozen=True)
class Order:
    """What to pack, and where to. The fields are the arguments of `build_package`."""

    dataset: Path
    config: Path
    out: Path
    layout: str = "runpod"
    name: str = ""
    repeats: int = 0
    class_word: str = ""
    caption_extension: str = ".txt"

    def plan(self) -> PackagePlan:
        """Decide what goes in. Raises AppError."""
        require_outside(self.out, self.dataset, self.config)
        return plan_package(
            self.dataset,
            self.config,
            self.layout,
            self.name,
            repeats=self.repeats,
            class_word=self.class_word,
            caption_extension=self.caption_extension,
        )


@dataclass
class Memory:
    """What one preview tells the next, so that only changed files are read again."""

    looks: Looks = field(default_factory=dict)
    hashes: Hashes = field(default_factory=dict)


@dataclass(frozen=True)
class Preview:
    """What a package would hold and be judged to be. since: the package compared with."""

    plan: PackagePlan
    found: Inspection
    changes: PackageChanges | None = None
    since: Path | None = None

    @property
    def problems(self) -> list[Problem]:
        """All that a person should know, of packing and of training."""
        return unique(self.plan.problems + self.found.problems)


@dataclass(frozen=True)
class Made:
    """A package that was made. log: the Markdown beside it; backup: the one it replaced."""

    report: PackageReport
    found: Inspection
    log: Path | None = None
    changes: PackageChanges | None = None
    since: Path | None = None
    backup: Path | None = None
    notes: list[Problem] = field(default_factory=list)

    @property
    def problems(self) -> list[Problem]:
        """All that a person should know, of packing and of training."""
        return unique(self.report.problems + self.found.problems + self.notes)


def unique(problems: list[Problem]) -> list[Problem]:
    """Return each finding once, in order."""
    return list(dict.fromkeys(problems))


def preview_package(
    order: Order,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    memory: Memory | None = None,
) -> Preview:
    """Judge what would be packed, exactly as the package will be, and write nothing.

    memory: the same for one preview after another. Raises AppError, kind "cancelled" when
    `cancelled()` says so.
    """
    plan, memory = order.plan(), memory or Memory()
    since = last_package(order.out)
    changes = _compared(since, plan, memory.hashes, cancelled)
    found = inspect_plan(plan, _saying("Checking", progress), cancelled, memory.looks)
    return Preview(plan, found, changes, since)


def make_package(
    order: Order,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    now: Callable[[], float] = time.time,
) -> Made:
    """Write a package, judge the file, log what changed since the last one.

    A package of that name which held something else goes to backups/ beside it. Raises AppError;
    then, also when cancelled, all is as it was.
    """
    plan = order.plan()
    since = last_package(order.out)
    changes = _compared(since, plan, None, cancelled)
    sweep(order.out.parent)  # what builds that were killed left behind
    kept = _keep(order.out)
    try:
        report = write_package(plan, order.out, _saying("Packing", progress), cancelled)
        found = inspect_package(report.package, _saying("Checking", progress), cancelled)
    except BaseException:
        _undo(order.out, kept)
        raise
    if kept is not None and sha256_of(kept.path) == report.sha256:
        kept.forget()  # the very same package
        return Made(report, found, _existing(log_of(order.out)), changes, since)
    backup = kept.path if kept else None
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(now()))
    try:
        log = write_log(LogEntry(when, report, found, changes, since, backup))
    except AppError as error:
        note = Problem("no_log", "warning", error.message, error.file, error.hint)
        return Made(report, found, None, changes, since, backup, [note])
    return Made(report, found, log, changes, since, backup)


def _saying(word: str, progress: Progress | None) -> Progress | None:
    """Tell progress with what is being done to which file."""
    if progress is None:
        return None
    return lambda done, total, name: progress(done, total, f"{word} {PurePosixPath(name).name}")


def _existing(path: Path) -> Path | None:
    return path if path.is_file() else None


def last_package(out: Path) -> Path | None:
    """Return the package that came before: of the same name, else the newest in the folder."""
    if out.is_file() and is_package(out):
        return out
    with contextlib.suppress(OSError):
        found = [p for p in out.parent.glob("*.zip") if p.is_file() and not p.is_symlink()]
        found.sort(key=lambda p: p.stat().st_mtime, reverse=True)
        return next((path for path in found if is_package(path)), None)
    return None


def _compared(
    since: Path | None,
    plan: PackagePlan,
    known: Hashes | None = None,
    cancelled: Cancelled | None = None,
) -> PackageChanges | None:
    """An older package that is damaged by now is no reason not to make a new one."""
    if since is None:
        return None
    try:
        return changes_since(since, plan, known, cancelled)
    except AppError as error:
        if error.kind == "cancelled":
            raise
        return None


@dataclass(frozen=True)
class _Kept:
    """The second name of a package that will be replaced; is_new: it had none before."""

    path: Path
    is_new: bool

    def forget(self) -> None:
        """Take the second name away, unless it is an older backup."""
        if self.is_new:
            with contextlib.suppress(OSError):
                self.path.unlink()
                self.path.parent.rmdir()

    def put_back(self, out: Path) -> None:
        """Have the old package in its place again."""
        if not out.is_file() or sha256_of(out) != sha256_of(self.path):
            shutil.copy2(self.path, out)


def _keep(out: Path) -> _Kept | None:
    """Give the package that will be replaced a second name, under which it stays."""
    if not out.is_file():
        return None
    kept = out.parent / BACKUPS / f"{out.stem}_{sha256_of(out)[:8]}.zip"
    if kept.exists():
        return _Kept(kept, False)
    try:
        kept.parent.mkdir(exist_ok=True)
        try:
            kept.hardlink_to(out)
        except OSError:
            shutil.copy2(out, kept)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        message = f"the package before cannot be kept, nothing was made: {reason}"
        raise AppError(message, file=kept, hint="free some space, or name another file") from error
    return _Kept(kept, True)


def _undo(out: Path, kept: _Kept | None) -> None:
    """Have everything as it was before a package that was not finished."""
    with contextlib.suppress(OSError):
        if kept is None:
            out.unlink(missing_ok=True)
        else:
            kept.put_back(out)
    if kept is not None:
        kept.forget()
