"""Preparing one image from file to file: read, resize, write, read back, compare."""

from __future__ import annotations

import hashlib
import io
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from bespoke_gui.core import atomic
from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.imagefile import ImageInfo, load_bytes, read_bytes, read_rgb, to_rgb
from bespoke_gui.core.pixels.colours import unique_colours
from bespoke_gui.core.prepared.judge import (
    Source,
    is_damaged,
    note,
    read_source,
    resize,
    written_exact,
)
from bespoke_gui.core.prepared.records import Job, Outcome, PreparedImage


def prepare_one(job: Job) -> Outcome:
    """Prepare one image and its caption. A bad image is a problem, never an exception.

    Only a disk that is full stops the run (AppError, kind "disk_full"): nothing else would fit.
    """
    try:
        data = read_bytes(job.source)
        digest = hashlib.sha256(data).hexdigest()
        image, problems = _unchanged(job, digest), []
        if image is None:
            image, problems = _prepare(job, data, digest)
    except AppError as error:
        if error.kind == "disk_full":
            raise
        return Outcome(job.name, None, [problem_from(error, "image_not_prepared", job.name)])
    caption_digest, trouble = _copy_caption(job)
    caption = job.caption_file if caption_digest else ""
    image = replace(image, caption=caption, caption_sha256=caption_digest)
    return Outcome(job.name, image, problems + trouble)


def encode(rgb: np.ndarray) -> bytes:
    """Return the PNG file of uint8 (height, width, 3); same pixels, same bytes."""
    file = io.BytesIO()
    # Run-length deflate: as small as the default on pixel art, and 1.5 times as fast.
    Image.fromarray(rgb).save(file, "PNG", compress_type=zlib.Z_RLE)
    return file.getvalue()


def _prepare(job: Job, data: bytes, digest: str) -> tuple[PreparedImage, list[Problem]]:
    picture = load_bytes(data, job.source)
    source = read_source(to_rgb(picture.image, job.settings.background), job.settings)
    wanted = resize(source, job.settings)
    encoded = encode(wanted)
    path, written_digest = job.out / job.file, hashlib.sha256(encoded).hexdigest()
    known = {written_digest, job.previous.sha256 if job.previous else ""}
    edited = _edited(path, known)
    written = _write(path, encoded, wanted) if edited is None else edited
    image = _record(job, source, written, digest, written_digest)
    problems = _problems(job, picture.info, source, image)
    return image, problems if edited is None else [*problems, _left_alone(job.file)]


def _write(path: Path, encoded: bytes, wanted: np.ndarray) -> np.ndarray:
    """Write a PNG, read it back and return its pixels; raises AppError where they differ."""
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_bytes(path, encoded, flush=False)  # `prepare` flushes the whole set
    written = read_rgb(path)
    if not np.array_equal(written, wanted):
        path.unlink(missing_ok=True)
        raise AppError("was not written as it should be", file=path, hint="check the disk")
    return written


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
    job: Job, source: Source, written: np.ndarray, digest: str, written_digest: str
) -> PreparedImage:
    grid, cells = source.grid, source.cells
    return PreparedImage(
        name=job.name,
        file=job.file,
        width=written.shape[1],
        height=written.shape[0],
        source_width=source.rgb.shape[1],
        source_height=source.rgb.shape[0],
        source_sha256=digest,
        sha256=written_digest,
        colours_before=unique_colours(source.rgb),
        colours_after=unique_colours(written),
        native_exact=not source.strays and written_exact(source, written),
        note=note(source, written, job.settings),
        columns=grid.columns if grid else 0,
        rows=grid.rows if grid else 0,
        grid_score=source.found.score,
        native_colours=0 if cells is None else unique_colours(cells),
        off_grid_pixels=sum(cell.pixels for cell in source.strays),
        off_grid_cells=tuple((c.column, c.row, c.pixels) for c in source.strays[:64]),
    )


def _problems(job: Job, info: ImageInfo, source: Source, image: PreparedImage) -> list[Problem]:
    """Return what is odd about the file and what its pixels gave reason to say."""
    found = [replace(problem, file=job.name) for problem in info.problems]
    finding = _finding(source)
    if finding is not None:
        code, hint = finding
        found.append(Problem(code, "warning", image.note, job.name, hint))
    return found


def _finding(source: Source) -> tuple[str, str] | None:
    """Return code and hint for what keeps an image from being exact."""
    if source.grid is None:
        return "no_grid", "name the native size if you know it, or check the image"
    if is_damaged(source):
        return "source_damaged", "prepare it from the drawn original if you have it"
    if source.strays:
        return "off_grid_pixels", "mend the image, or accept that these pixels are left out"
    return None


def _unchanged(job: Job, digest: str) -> PreparedImage | None:
    """Return the earlier record when source and written file are still what it says."""
    previous = job.previous
    if previous is None or previous.source_sha256 != digest or previous.file != job.file:
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
