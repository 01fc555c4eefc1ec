"""Score: every measure for every image of a gallery, per epoch, and the verdicts on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.criteria import Criteria, criteria_for
from bespoke_gui.core.downsample import DOWNSAMPLERS
from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.gallery import Gallery
from bespoke_gui.core.gallery_kin import Kin
from bespoke_gui.core.judgement.current import current
from bespoke_gui.core.judgement.reviews import Reviews, read_reviews
from bespoke_gui.core.judgement.summary import judged
from bespoke_gui.core.look import Cells, Look, merge_tau, merged, read_cells
from bespoke_gui.core.measures import MeasureInput, ordered
from bespoke_gui.core.protocol import Protocol, builtin_protocol
from bespoke_gui.core.reference import Reference, load_reference, locked_to
from bespoke_gui.core.score_epochs import summarise
from bespoke_gui.core.thresholds import find_thresholds
from bespoke_gui.core.verdicts import Verdict, predict, reviewed

SCORES = "scores.json"
Figures = dict[str, float | None]
Progress = Callable[[int, int], None]


@dataclass
class ScoreReport:
    """Figures of a gallery. images: name -> measure -> value, None where it does not apply.

    epochs: number as text -> means of the measures, n, clean_rate, learning_rate, held_out_loss,
    intervals.
    ties: measure -> best epoch and those that cannot be told from it. thresholds: measure ->
    limit. notes: what a reader must know about how the figures came to be.
    """

    images: dict[str, Figures]
    epochs: dict[str, dict[str, Any]]
    verdicts: dict[str, Verdict]
    thresholds: dict[str, float]
    ties: dict[str, dict[str, Any]] = field(default_factory=dict)
    look: Look = field(default_factory=Look)
    merge_tau: float = 0.0
    reference: str = ""
    reference_images: int = 0
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, as `bespoke score --json` prints it and scores.json holds it."""
        data = {name: getattr(self, name) for name in ("images", "epochs", "thresholds", "ties")}
        data["verdicts"] = {name: asdict(verdict) for name, verdict in self.verdicts.items()}
        data["look"] = {**self.look.as_dict(), "merge_tau": self.merge_tau}
        data["reference"] = {"name": self.reference, "images": self.reference_images}
        data["notes"] = self.notes
        data["problems"] = [problem.as_dict() for problem in self.problems]
        return data

    def save(self, folder: Path) -> None:
        """Write scores.json into the gallery's folder, atomically."""
        write_json(Path(folder) / SCORES, self.as_dict())


def look_of(
    gallery: Gallery,
    protocol: Protocol | None = None,
    native: int | None = None,
    downsampler: str | None = None,
    merge: str | None = None,
) -> Look:
    """Return how to look at a gallery: what is given, else its protocol's way, else defaults."""
    own = protocol or gallery.protocol or Protocol()
    return Look(native or own.native_size, downsampler or own.downsampler, merge or own.merge)


def score_gallery(
    gallery: Gallery,
    native: int | None = None,
    protocol: Protocol | None = None,
    reference: Path | Reference | None = None,
    progress: Progress | None = None,
    *,
    look: Look | None = None,
    criteria: Criteria | None = None,
    tau: float | None = None,
    reviews: Reviews | None = None,
) -> ScoreReport:
    """Measure every image of a gallery at its native size.

    protocol: whose expectations count (the gallery's own when not given). reference: the
    training images, as a folder (a dataset's or a project's) or loaded; without them strays,
    palette distance and memorisation stay None, no defect is predicted, and colours cannot be
    locked. tau: merge already decided (to score two galleries alike). reviews: what people say,
    else the gallery's own reviews.json. Raises
    AppError when no image can be read; single ones are in `problems`.
    """
    look = look or look_of(gallery, protocol, native)
    DOWNSAMPLERS[look.downsampler]  # an unknown one is wrong usage, not a finding of each image
    criteria = criteria or criteria_for(gallery.folder)
    expected, notes = expectations(gallery, protocol)
    step = _Steps(progress, 2 * len(gallery.cells))
    known = _reference(reference, look)
    look = locked_to(look, known)
    cells, problems = read_all(gallery, look, step)
    tau = merge_tau([entry.cells for entry in cells.values()], look.merge) if tau is None else tau
    given = _inputs(gallery, cells, look, tau, expected, known)
    images = {name: _measure(one, step) for name, one in given}
    limits = find_thresholds(known, look, criteria, _own_limits(expected))
    said, stale = current_reviews(gallery, reviews)
    verdicts = _verdicts(images, limits, said, criteria)
    report = ScoreReport(images, {}, verdicts, limits, look=look, merge_tau=tau)
    report.epochs, report.ties = summarise(gallery, images, verdicts)
    report.notes = notes + _notes(gallery, known, tau)
    report.problems = problems + stale
    if known:
        report.reference_images = len(known.cells)
        report.reference = known.paths[0].parent.name if known.paths else ""
        report.problems += known.problems
    return report


def judged_anew(gallery: Gallery, report: ScoreReport) -> ScoreReport:
    """Return a report of the same figures with what people say now; nothing is measured again."""
    said, _ = current_reviews(gallery)
    verdicts = _verdicts(report.images, report.thresholds, said, criteria_for(gallery.folder))
    epochs, ties = summarise(gallery, report.images, verdicts)
    return replace(report, verdicts=verdicts, epochs=epochs, ties=ties)


def _verdicts(
    images: Mapping[str, Figures], limits: Mapping[str, float], said: Reviews, criteria: Criteria
) -> dict[str, Verdict]:
    return {
        name: reviewed(found, criteria.words)
        if (found := judged(said.of(name)))
        else predict(values, limits, criteria.words)
        for name, values in images.items()
    }


class _Steps:
    """Counts calls and tells how far the work is."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def __call__(self) -> None:
        self._done += 1
        if self._progress:
            self._progress(self._done, self._total)


def read_all(
    gallery: Gallery, look: Look, step: Callable[[], None] | None = None
) -> tuple[dict[str, Cells], list[Problem]]:
    """Read every image at native size; those that cannot be read are findings.

    Large images are read again when they are measured, so that 500 of them fit in memory.
    """
    cells: dict[str, Cells] = {}
    problems: list[Problem] = []
    for image in gallery.images():
        try:
            read = read_cells(image.path, look)
            cells[image.name] = Cells(read.cells, grid=read.grid)
        except AppError as error:
            problems.append(problem_from(error, file=image.name))
            if step:
                step()  # its second step, measuring, will not come
        if step:
            step()
    if not cells:
        raise AppError(
            f"none of the {len(problems)} images can be read: {problems[0].message}",
            file=gallery.folder,
            hint=problems[0].hint,
        )
    return cells, problems


def current_reviews(
    gallery: Gallery, reviews: Reviews | None = None
) -> tuple[Reviews, list[Problem]]:
    """Return what people say about the images as they are now, and findings about the rest."""
    try:
        return current(gallery, read_reviews(gallery.folder) if reviews is None else reviews)
    except AppError as error:
        return Reviews(), [problem_from(error)]


def expectations(gallery: Gallery, protocol: Protocol | None) -> tuple[Protocol | None, list[str]]:
    """Return whose expectations count, and a note where they were assumed from prompt names."""
    own = protocol or gallery.protocol
    if own:
        return own, []
    builtin = builtin_protocol()
    if not {prompt.name for prompt in builtin.prompts} >= set(gallery.prompts):
        return None, ["nothing says what the prompts were: background_match does not apply"]
    text = "the prompts are taken to be the built-in ones of the same names; nothing proves it"
    return builtin, [text]


def _reference(reference: Path | Reference | None, look: Look) -> Reference | None:
    if reference is None or isinstance(reference, Reference):
        return reference
    return load_reference(reference, look)


def _inputs(
    gallery: Gallery,
    cells: Mapping[str, Cells],
    look: Look,
    tau: float,
    expected: Protocol | None,
    known: Reference | None,
) -> Iterator[tuple[str, MeasureInput]]:
    """Yield what the measures are given, one image at a time."""
    small = {name: merged(entry.cells, tau) for name, entry in cells.items()}
    kin = Kin(gallery, small)
    for image in gallery.images():
        entry = cells.get(image.name)
        if entry is None:
            continue
        large = read_cells(image.path, look).large if entry.grid else None
        yield image.name, MeasureInput(
            entry.cells, small[image.name], large, entry.grid,
            expected.prompt(image.prompt) if expected else None, known,
            previous=kin.previous(image), siblings=kin.siblings(image),
        )  # fmt: skip


def _measure(given: MeasureInput, step: Callable[[], None]) -> Figures:
    values = {measure.name: _value(measure.run(given)) for measure in ordered()}
    step()
    return values


def _value(value: float | None) -> float | None:
    """Return a finite number that reads well in JSON, None for what does not apply."""
    return round(float(value), 6) if value is not None and np.isfinite(value) else None


def _own_limits(protocol: Protocol | None) -> Mapping[str, float]:
    return protocol.thresholds if protocol else {}


def _notes(gallery: Gallery, known: Reference | None, tau: float) -> list[str]:
    notes = []
    if len(gallery.seeds) < 2 and len(gallery.epochs) > 1:
        notes.append("one seed an image: most differences between epochs are ties")
    if known is None:
        notes.append("no reference set: strays, palette_distance, memorisation and defects unknown")
    merge = f"colours nearer than {tau} in OKLab are merged" if tau else "colours are not merged"
    return [*notes, f"{merge}, decided once for all images"]
