"""Reports: one file each format; all figures of a gallery for people or for other programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bespoke_gui.core.atomic import write_bytes
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import Gallery
from bespoke_gui.core.gallery_decision import REVIEWS
from bespoke_gui.core.gallery_info import INFO
from bespoke_gui.core.judgement.reviews import Reviews
from bespoke_gui.core.judgement.verdict import VERDICT, GalleryVerdict, judge_gallery
from bespoke_gui.core.reference import Reference
from bespoke_gui.core.registry import Registry
from bespoke_gui.core.score import SCORES, ScoreReport, current_reviews, score_gallery


@dataclass(frozen=True)
class ReportInput:
    """What a report is made of. chosen: the epoch a person decided for, None if undecided.

    verdict and reviews: what follows from measures and people, and what people said.
    """

    gallery: Gallery
    scores: ScoreReport
    title: str
    chosen: int | None = None
    scale: int = 4
    verdict: GalleryVerdict | None = None
    reviews: Reviews = field(default_factory=Reviews)


@dataclass(frozen=True)
class ReportFormat:
    """suffix without dot; run returns the whole file."""

    suffix: str
    title: str
    run: Callable[[ReportInput], bytes]


REPORTS: Registry[ReportFormat] = Registry("report format", __name__)


def format_of(out: Path) -> ReportFormat:
    """Return the format of a file's suffix; raises AppError (kind "usage") when none has it."""
    suffix = out.suffix.lower().lstrip(".")
    if suffix not in set(REPORTS):
        raise AppError(
            "has no suffix of a report", file=out, hint=f"use {', '.join(REPORTS)}", kind="usage"
        )
    return REPORTS[suffix]


def write_report(
    gallery: Gallery,
    out: Path,
    scores: ScoreReport | None = None,
    *,
    reference: Path | Reference | None = None,
    chosen: int | None = None,
    title: str = "",
    scale: int = 4,
    baseline: Gallery | None = None,
) -> Path:
    """Write a report in the format of the suffix of `out`, atomically; returns `out`.

    Without `scores` the gallery is scored first. chosen: the recorded decision when not given.
    baseline: another gallery, which counts only where it was made alike. Raises AppError (kind
    "usage") for a suffix that no format has, and where an image or record of the gallery would
    be overwritten.
    """
    out = Path(out)
    report = format_of(out)
    _require_not_its_own(gallery, out)
    if scores is None:
        scores = score_gallery(gallery, reference=reference)
    verdict = judge_gallery(gallery, scores, baseline=baseline, reference=reference)
    if chosen is None and verdict.decision and verdict.decision.epoch in gallery.epochs:
        chosen = verdict.decision.epoch
    said, _ = current_reviews(gallery)
    name = title or gallery.folder.name
    given = ReportInput(gallery, scores, name, chosen, scale, verdict, said)
    data = report.run(given)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AppError(f"cannot be made: {error.strerror}", file=out.parent) from error
    write_bytes(out, data)
    return out


def _require_not_its_own(gallery: Gallery, out: Path) -> None:
    own = {image.path.resolve() for image in gallery.cells.values()}
    own |= {(gallery.folder / name).resolve() for name in (INFO, SCORES, REVIEWS, VERDICT)}
    if out.resolve() in own:
        hint = "name another file"
        raise AppError("belongs to the gallery itself", file=out, hint=hint, kind="usage")
