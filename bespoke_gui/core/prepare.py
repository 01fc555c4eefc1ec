"""Prepare: a folder of images becomes a new folder at the training size, captions along."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from bespoke_gui.core import atomic
from bespoke_gui.core.dataset import Dataset, Item, caption_finder, scan
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.imagefile import WHITE
from bespoke_gui.core.prepared import folder as prepared_folder
from bespoke_gui.core.prepared.folder import Earlier, Journal
from bespoke_gui.core.prepared.one import prepare_one, sha256_of
from bespoke_gui.core.prepared.pool import run_jobs
from bespoke_gui.core.prepared.records import Decision, Job, Native, PreparedImage, Settings
from bespoke_gui.core.prepared.summary import set_problems, summarise
from bespoke_gui.core.project import is_project
from bespoke_gui.core.resize import RESIZERS

__all__ = ["Native", "PrepareReport", "PreparedImage", "prepare"]

Progress = Callable[[int, int, str], None]
Cancelled = Callable[[], bool]
NO_DECISIONS: Mapping[str, Decision] = MappingProxyType({})
_FLUSHERS = 8


@dataclass
class PrepareReport:
    """The prepared set: images by source name, figures of the whole set, findings.

    left_out: hashes of the images that were decided to stay out, by name.
    """

    folder: Path
    images: dict[str, PreparedImage] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def prepare(
    src: Path | Dataset,
    out: Path,
    size: int,
    method: str = "pixel",
    native: Native = "auto",
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    *,
    captions: Path | None = None,
    background: tuple[int, int, int] = WHITE,
    fit: str = "ask",
    off_grid: str = "ask",
    decisions: Mapping[str, Decision] = NO_DECISIONS,
    workers: int = 0,
) -> PrepareReport:
    """Write every image of `src` to `out` with its longer side `size` px; sources never change.

    captions: a folder to take captions from by stem, for images without one beside them.
    fit: what becomes of a size that is no multiple of the cells: "ask" and "uneven" make uneven
    ones, "pad-cells" and "pad-pixels" pad. off_grid: what becomes of images with pixels off the
    grid that `decisions` (by name) say nothing about: "keep", "flatten", "leave_out"; "ask"
    flattens and says that nobody has decided. One bad image is a problem of the report. A folder
    that an earlier run with the same settings left is completed or brought up to date. Raises
    AppError for unusable folders or settings, and with kind "cancelled" when `cancelled()` says
    so; new files are then removed again.
    """
    dataset = src if isinstance(src, Dataset) else scan(Path(src))
    out = Path(out)
    settings = Settings(size, method, native, background, fit, off_grid)
    settings.check()
    RESIZERS[method]
    task = Task(dataset, out, settings, captions, decisions)
    return run(task, progress, cancelled, workers)


@dataclass(frozen=True)
class Task:
    """A set to prepare. names: only these images of the dataset; without any, all of them.

    keep_gone: images of an earlier run whose source is gone stay in the set.
    """

    dataset: Dataset
    out: Path
    settings: Settings
    captions: Path | None = None
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    names: Collection[str] | None = None
    keep_gone: bool = False

    def items(self) -> list[Item]:
        """Return the images that are to be there."""
        used = self.dataset.used
        return used if self.names is None else [item for item in used if item.name in self.names]


def run(
    task: Task,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    workers: int = 0,
) -> PrepareReport:
    """Carry out a task whose settings were checked; see `prepare`. Raises AppError."""
    dataset, out, settings, captions = task.dataset, task.out, task.settings, task.captions
    items = task.items()
    if not items:
        raise _nothing_to_do(dataset)
    header = prepared_folder.header(dataset.folder, out, captions, settings)
    earlier = prepared_folder.claim(_folders(dataset), out, header)
    report = PrepareReport(out, problems=list(dataset.problems))
    jobs = _jobs(task, items, earlier, report.problems)
    kept = _there_already(jobs, out) if earlier.complete else set()
    fresh = _make_folder(out)
    try:
        journal = Journal(out, header, earlier)
        try:
            _work(jobs, report, journal, progress, cancelled, workers)
        finally:
            journal.close()
    except BaseException:
        _take_back(jobs, out, kept, fresh)
        raise
    if task.keep_gone:
        _keep_gone(report, earlier)
    report.problems += _remove_stale(report, earlier)
    images = report.images.values()
    # Before the manifest, which says that all is there.
    _flush([out / file for file, _ in _files(images)])
    report.summary = summarise(images, settings, len(jobs), report.left_out)
    report.problems += set_problems(images, settings)
    prepared_folder.write_manifest(out, header, images, report.summary, report.left_out)
    return report


def _folders(dataset: Dataset) -> set[Path]:
    """Return the folders that hold the images; a project holds prepared sets as well."""
    if is_project(dataset.folder):
        return {item.image.parent for item in dataset.items}
    return {dataset.folder}


def _flush(paths: list[Path]) -> None:
    """Bring the files to the disk; it takes several at once better than one by one."""
    with ThreadPoolExecutor(_FLUSHERS) as pool:
        for _ in pool.map(lambda path: atomic.flush_all([path]), paths):
            pass


def _nothing_to_do(dataset: Dataset) -> AppError:
    if not dataset.items:
        return AppError("holds no images", file=dataset.folder, hint="check the path")
    hint = "include some again: `bespoke images include`"
    return AppError("holds excluded images only", file=dataset.folder, hint=hint)


def _work(
    jobs: list[Job],
    report: PrepareReport,
    journal: Journal,
    progress: Progress | None,
    cancelled: Cancelled | None,
    workers: int,
) -> None:
    _stop_if(cancelled)
    with contextlib.closing(run_jobs(prepare_one, jobs, workers)) as outcomes:
        for done, outcome in enumerate(outcomes, 1):
            report.problems += outcome.problems
            if outcome.image is not None:
                report.images[outcome.name] = outcome.image
                journal.add(outcome.image)
            elif outcome.left_out:
                report.left_out[outcome.name] = outcome.left_out
            if progress is not None:
                progress(done, len(jobs), outcome.name)
            _stop_if(cancelled)


def _stop_if(cancelled: Cancelled | None) -> None:
    if cancelled is not None and cancelled():
        raise AppError("cancelled, nothing was kept", kind="cancelled")


def _jobs(
    task: Task, items: Iterable[Item], earlier: Earlier, problems: list[Problem]
) -> list[Job]:
    """Return one job an image; two images that would get the same file name are a problem."""
    jobs: dict[str, Job] = {}
    find_caption = _finder(task.captions)
    for item in items:
        file = str(PurePosixPath(item.name).with_suffix(".png"))
        other = jobs.get(file.casefold())
        if other is not None:
            message = f"would overwrite {other.name}: both become {file}"
            problems.append(Problem("same_stem", "error", message, item.name, "rename one of them"))
            continue
        caption = find_caption(item)
        suffix = caption.suffix if caption else ".txt"
        caption_file = str(PurePosixPath(file).with_suffix(suffix))
        jobs[file.casefold()] = Job(
            item.name,
            item.image,
            task.out,
            file,
            task.settings,
            caption,
            caption_file,
            earlier.images.get(item.name),
            task.decisions.get(item.name),
        )
    return list(jobs.values())


def _finder(captions: Path | None) -> Callable[[Item], Path | None]:
    """Find captions in the folder named, else beside the image."""
    named, beside = caption_finder(captions), caption_finder(None)
    return lambda item: named(item) or beside(item)


def _make_folder(out: Path) -> bool:
    """Create `out`; say whether it is new."""
    fresh = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"cannot be created: {reason}", file=out) from error
    return fresh


def _there_already(jobs: list[Job], out: Path) -> set[str]:
    files = (file for job in jobs for file in (job.file, job.caption_file))
    return {file for file in files if (out / file).exists()}


def _take_back(jobs: list[Job], out: Path, kept: set[str], fresh: bool) -> None:
    """Remove what this run wrote; `kept`: the files of a complete earlier set."""
    with contextlib.suppress(OSError):
        for job in jobs:
            written = {job.file, job.caption_file} if job.caption else {job.file}
            for file in written - kept:
                (out / file).unlink(missing_ok=True)
        (out / prepared_folder.JOURNAL).unlink(missing_ok=True)
        _remove_empty_folders(out)
        if fresh:
            out.rmdir()


def _remove_empty_folders(out: Path) -> None:
    for path in sorted((p for p in out.rglob("*") if p.is_dir()), reverse=True):
        with contextlib.suppress(OSError):
            path.rmdir()


def _keep_gone(report: PrepareReport, earlier: Earlier) -> None:
    """Keep the records of images that cannot be made again."""
    for name, image in earlier.images.items():
        if name not in report.images and (report.folder / image.file).exists():
            report.images[name] = image
            message = "its source is gone; what was prepared from it stays"
            report.problems.append(Problem("source_gone", "warning", message, name))


def _remove_stale(report: PrepareReport, earlier: Earlier) -> list[Problem]:
    """Remove files whose source is gone, unless somebody has changed them since."""
    problems = []
    current = dict(_files(report.images.values()))
    for file, digest in _files(earlier.images.values()):
        path = report.folder / file
        if file in current or not path.exists():
            continue
        if sha256_of(path) == digest:
            path.unlink()
            continue
        message = "its source is gone, but it was changed since; left alone"
        problems.append(Problem("stale_file", "warning", message, file, "remove it"))
    return problems


def _files(images: Iterable[PreparedImage]) -> list[tuple[str, str]]:
    """Return file name and hash of all images and captions written."""
    images = list(images)
    captions = [(image.caption, image.caption_sha256) for image in images if image.caption]
    return [(image.file, image.sha256) for image in images] + captions
