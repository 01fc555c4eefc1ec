"""Restore: a prepared set made again from its manifest, and prepared sets moved to the bin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.pairs.bin import new_folder
from bespoke_gui.core.prepare import PrepareReport, Task, run
from bespoke_gui.core.prepared.decided import source_of
from bespoke_gui.core.prepared.records import DECISIONS, Decision
from bespoke_gui.core.prepared.sets import Recipe, read_recipe, set_state, written_files

Progress = Callable[[int, int, str], None]
Cancelled = Callable[[], bool]


@dataclass
class Restored:
    """A set made again. put_aside: copies of files that were changed by hand, moved here first.

    same: files that are byte for byte what the manifest says, of `files` in all.
    """

    report: PrepareReport
    files: int = 0
    same: int = 0
    put_aside: list[Path] = field(default_factory=list)


def restore(
    place: Path,
    out: Path | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    workers: int = 0,
) -> Restored:
    """Make a prepared set again: with its settings, its images and what was decided about them.

    place: the set's folder or its manifest; out: another folder than the set's own. Files changed
    by hand are moved beside the set first; images whose source is gone stay. Raises AppError.
    """
    recipe = read_recipe(place)
    folder = recipe.folder if out is None else Path(out)
    dataset, _ = _source_of(recipe)
    there = {item.name for item in dataset.used}
    task = Task(
        # The trainer's view of the source: findings about names are not news here.
        replace(dataset, problems=[]),
        folder,
        recipe.settings,
        recipe.captions,
        _decisions(recipe),
        recipe.names,
        keep_gone=True,
    )
    aside = _put_aside(folder) if out is None else []
    restored = Restored(run(task, progress, cancelled, workers), put_aside=aside)
    _compare(restored, recipe, there)
    return restored


def _source_of(recipe: Recipe):
    try:
        return source_of(recipe.source)
    except AppError as error:
        hint = "put the folder back where it was, then restore again"
        raise AppError(
            "the images it was prepared from are gone", file=recipe.source, hint=hint
        ) from error


def _decisions(recipe: Recipe) -> dict[str, Decision]:
    """Return the decisions of a set as they were; those about all images are in its settings."""
    made = {name: Decision("leave_out", digest) for name, digest in recipe.left_out.items()}
    for name, image in recipe.images.items():
        if image.off_grid in DECISIONS:
            made[name] = Decision(image.off_grid, image.source_sha256)
    return made


def _put_aside(folder: Path) -> list[Path]:
    """Move files changed by hand to a folder beside the set; nothing of theirs is lost."""
    changed = set_state(folder).changed
    if not changed:
        return []
    target = _free(folder.with_name(f"{folder.name} changed by hand"))
    moved = []
    for file in changed:
        new = target / file
        new.parent.mkdir(parents=True, exist_ok=True)
        (folder / file).rename(new)
        moved.append(new)
    return moved


def _compare(restored: Restored, recipe: Recipe, there: set[str]) -> None:
    """Count what came out as it was, and name images that had to be made of other pixels."""
    images = restored.report.images
    now = dict(written_files(images))
    before = written_files(recipe.images)
    restored.files = len(before)
    restored.same = sum(now.get(file) == digest for file, digest in before)
    for name, image in recipe.images.items():
        if name in images and name in there and images[name].source_sha256 != image.source_sha256:
            message = "its source was changed since; it was prepared from the new one"
            restored.report.problems.append(Problem("source_changed", "warning", message, name))
        elif name not in there and name not in images:
            message = "its source is gone, so it could not be made again"
            restored.report.problems.append(Problem("source_gone", "error", message, name))


def to_bin(folder: Path, home: Path) -> Path:
    """Move a prepared set to the project's own bin; return where it is now. Raises AppError."""
    target = new_folder(home) / "prepared" / folder.name
    try:
        target.parent.mkdir(parents=True)
        folder.rename(target)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"cannot be moved to the bin: {reason}", file=folder) from error
    return target


def from_bin(place: Path, folder: Path) -> None:
    """Move a prepared set back. Raises AppError where something of that name is there by now."""
    if folder.exists():
        raise AppError("is there by now, the set stays in the bin", file=folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        place.rename(folder)
        place.parent.rmdir()
        place.parent.parent.rmdir()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"cannot be moved back: {reason}", file=folder) from error


def _free(path: Path) -> Path:
    numbered = (
        path.with_name(f"{path.name} {n}" if n > 1 else path.name) for n in range(1, 10_000)
    )
    return next(candidate for candidate in numbered if not candidate.exists())
