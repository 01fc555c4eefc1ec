"""Preparing one image from file to file: read, resize, write, read back, compare."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from bespoke_gui.core import atomic
from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.imagefile import ImageInfo, load_bytes, over, read_bytes, read_rgb, to_rgb
from bespoke_gui.core.prepared.judge import Resizing, Source, read_source
from bespoke_gui.core.prepared.png import encode
from bespoke_gui.core.prepared.records import Job, Outcome, PreparedImage

_DECIDE = "decide for this image: keep it as drawn, flatten it, or leave it out (--off-grid)"


def prepare_one(job: Job) -> Outcome:
    """Prepare one image and its caption. A bad image is a problem, never an exception.

    Only a disk that is full stops the run (AppError, kind "disk_full"): nothing else would fit.
    """
    try:
        data = read_bytes(job.source)
        digest = hashlib.sha256(data).hexdigest()
        action = action_for(job, digest)
        image, problems = _unchanged(job, digest, action), []
        if image is None:
            image, problems = _prepare(job, data, digest, action)
    except AppError as error:
        if error.kind == "disk_full":
            raise
        return Outcome(job.name, None, [problem_from(error, "image_not_prepared", job.name)])
    if image is None:
        return Outcome(job.name, None, problems, left_out=digest)
    caption_digest, trouble = _copy_caption(job)
    caption = job.caption_file if caption_digest else ""
    image = replace(image, caption=caption, caption_sha256=caption_digest)
    return Outcome(job.name, image, problems + trouble)


def action_for(job: Job, digest: str) -> str:
    """Return what becomes of pixels off the grid: decided for this very file, or for all."""
    decided = job.decision is not None and job.decision.holds(digest)
    return job.decision.action if job.decision and decided else job.settings.off_grid


def _prepare(
    job: Job, data: bytes, digest: str, action: str
) -> tuple[PreparedImage | None, list[Problem]]:
    """Return the record of a written image, None for one that is left out, and findings."""
    picture = load_bytes(data, job.source)
    source = read_source(over(picture.image, job.settings.background), job.settings)
    if action == "leave_out" and source.asks:
        return None, [_left_out(job, source)]
    resizing = Resizing(source, job.settings, action)
    wanted = resizing.run()
    encoded = encode(wanted)
    path, written_digest = job.out / job.file, hashlib.sha256(encoded).hexdigest()
    known = {written_digest, job.previous.sha256 if job.previous else ""}
    edited = _edited(path, known)
    if edited is None:
        _write(path, encoded, wanted)
    written = wanted if edited is None else edited
    image = _record(job, resizing, written, digest, written_digest)
    problems = _problems(job, picture.info, source, image)
    return image, problems if edited is None else [*problems, _left_alone(job.file)]


def _write(path: Path, encoded: bytes, wanted: np.ndarray) -> None:
    """Write a PNG and read it back; raises AppError where its bytes or pixels differ."""
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_bytes(path, encoded, flush=False)  # `prepare` flushes the whole set
    back = path.read_bytes()
    written = to_rgb(load_bytes(back, path).image)
    if back != encoded or not np.array_equal(written, wanted):
        path.unlink(missing_ok=True)
        raise AppError("was not written as it should be", file=path, hint="check the disk")


def _edited(path: Path, known: set[str]) -> np.ndarray | None:
    """Return the pixels of a picture that somebody put there; None: missing, ours or damaged."""
    if sha256_of(path) in {"", *known}:
        return None
    try:
        return read_rgb(path)
    except AppError:
        return None


def _left_alone(file: str) -> Problem:
    return Problem(
        "changed_since",
        "warning",
        "was changed since it was prepared; left alone",
        file,
        "delete it to have it prepared again",
    )


def _record(
    job: Job, resizing: Resizing, written: np.ndarray, digest: str, written_digest: str
) -> PreparedImage:
    source, layout = resizing.source, resizing.layout
    grid, strays = source.grid, source.stray_cells
    verdict = resizing.judge(written)
    return PreparedImage(
        name=job.name,
        file=job.file,
        width=written.shape[1],
        height=written.shape[0],
        source_width=source.picture.width,
        source_height=source.picture.height,
        source_sha256=digest,
        sha256=written_digest,
        colours_before=verdict.colours_before,
        colours_after=verdict.colours_after,
        native_exact=verdict.native_exact,
        note=verdict.note,
        columns=grid.columns if grid else 0,
        rows=grid.rows if grid else 0,
        grid_score=source.found.score,
        native_colours=source.native_colours,
        off_grid_pixels=sum(cell.pixels for cell in strays),
        off_grid_cells=tuple((c.column, c.row, c.pixels) for c in strays[:64]),
        off_grid=resizing.action if source.asks else "",
        cells_damaged=verdict.cells_damaged,
        source_damaged=source.damaged,
        cell_px=layout.cell if layout else 0,
        pad_left=layout.left if layout else 0,
        pad_top=layout.top if layout else 0,
    )


def _problems(job: Job, info: ImageInfo, source: Source, image: PreparedImage) -> list[Problem]:
    """Return what is odd about the file and what its pixels gave reason to say."""
    found = [replace(problem, file=job.name) for problem in info.problems]
    finding = _finding(source, image.off_grid)
    if finding is not None:
        code, severity, hint = finding
        found.append(Problem(code, severity, image.note, job.name, hint))
    return found


def _finding(source: Source, action: str) -> tuple[str, str, str] | None:
    """Return code, severity and hint for what keeps an image from being exact."""
    if source.grid is None:
        hint = "name the native size if you know it, or check the image"
        return "no_grid", "warning", hint
    if source.damaged:
        hint = "prepare it from the drawn original if you have it"
        return "source_damaged", "warning", hint
    if action == "ask":
        return "off_grid_pixels", "warning", _DECIDE
    if action:
        return "off_grid_pixels", "info", "decide anew in off_grid.toml or with --off-grid"
    return None


def _left_out(job: Job, source: Source) -> Problem:
    message = f"left out, as decided: {len(source.strays[0])} pixels off the grid"
    return Problem("left_out", "info", message, job.name, "decide anew to have it in the set")


def _unchanged(job: Job, digest: str, action: str) -> PreparedImage | None:
    """Return the earlier record when source, decision and written file are what it says."""
    previous = job.previous
    if previous is None or previous.source_sha256 != digest or previous.file != job.file:
        return None
    if previous.off_grid and previous.off_grid != action:
        return None
    path = job.out / job.file
    return previous if sha256_of(path) == previous.sha256 else None


def sha256_of(path: Path) -> str:
    """Return the hash of a file, "" when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _copy_caption(job: Job) -> tuple[str, list[Problem]]:
    """Copy the caption byte for byte; return its hash ("": none) and what went wrong."""
    if job.caption is None:
        return "", []
    target = job.out / job.caption_file
    try:
        data = job.caption.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        there = sha256_of(target)
        if there not in {"", digest, job.previous.caption_sha256 if job.previous else ""}:
            return digest, [_left_alone(job.caption_file)]
        if there != digest:
            atomic.write_bytes(target, data, flush=False)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        message = f"the caption cannot be read: {reason}"
        problem = Problem("caption_not_copied", "error", message, job.name, "check its permissions")
        return "", [problem]
    except AppError as error:
        if error.kind == "disk_full":
            raise
        return "", [problem_from(error, "caption_not_copied", job.name)]
    return digest, []
