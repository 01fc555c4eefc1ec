"""Verdict on a gallery: the criteria, the suggestion and the decision, each with its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.criteria import Criteria, criteria_for
from bespoke_gui.core.gallery import LORA_OFF, Gallery, epoch_title
from bespoke_gui.core.gallery_decision import Decision, read_decision
from bespoke_gui.core.judgement.judges import agreement, steadiness
from bespoke_gui.core.judgement.lines import Base, Line, judge_line
from bespoke_gui.core.judgement.outcomes import SHARES, Outcome, Share, outcomes, share_of
from bespoke_gui.core.judgement.standing import Standing, standing
from bespoke_gui.core.judgement.suggestion import Suggestion, suggest
from bespoke_gui.core.judgement.weights import Index, weighted_index
from bespoke_gui.core.score import ScoreReport, current_reviews, expectations

if TYPE_CHECKING:
    from bespoke_gui.core.compare import Comparison
    from bespoke_gui.core.protocol import Protocol
    from bespoke_gui.core.reference import Reference

VERDICT = "verdict.json"
NONE, DECLARED, GALLERY, REFUSED = "none", "declared", "gallery", "not comparable"


@dataclass
class Baseline:
    """What the gallery is judged against. kind: "none", "declared" (figures a person counted, in
    criteria.toml), "gallery" or "not comparable", then `differences` says why and nothing is
    ranked. epoch: the baseline's best, by its decision or suggestion."""

    kind: str = NONE
    name: str = ""
    epoch: int | None = None
    verdict: str = ""
    differences: list[str] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)


@dataclass
class GalleryVerdict:
    """epoch: the one the lines judge, the decided one, else the suggested one. reviewed of
    images: how many people have looked at. judges: how steady each is; agreement: how often two
    choose alike."""

    epoch: int | None
    decision: Decision | None
    lines: list[Line]
    suggestion: Suggestion
    baseline: Baseline
    standing: Standing
    index: Index
    reviewed: int
    images: int
    judges: list[dict[str, Any]] = field(default_factory=list)
    agreement: dict[str, Any] | None = None
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, as `bespoke decide --json` prints it."""
        data = {
            name: getattr(self, name)
            for name in ("epoch", "reviewed", "images", "judges", "agreement", "notes")
        }
        data["decision"] = asdict(self.decision) if self.decision else None
        data["lines"] = [line.as_dict() for line in self.lines]
        data["suggestion"] = self.suggestion.as_dict()
        data["baseline"] = asdict(self.baseline)
        data["standing"] = self.standing.as_dict()
        data["index"] = self.index.as_dict()
        return data

    def save(self, folder: Path) -> None:
        """Write verdict.json into the gallery's folder, atomically: the ledger reads it."""
        write_json(Path(folder) / VERDICT, self.as_dict())


@dataclass
class _Side:
    """One gallery with everything that is known about it."""

    gallery: Gallery
    report: ScoreReport
    items: list[Outcome]
    votes: Standing
    index: Index
    suggestion: Suggestion
    decision: Decision | None

    @property
    def chosen(self) -> int | None:
        """The decided epoch if it is there, else the suggested one."""
        if self.decision and self.decision.epoch in self.gallery.epochs:
            return self.decision.epoch
        return self.suggestion.epoch

    def of(self, epoch: int | None) -> list[Outcome]:
        return [item for item in self.items if item.epoch == epoch]


def judge_gallery(
    gallery: Gallery,
    report: ScoreReport,
    *,
    baseline: Gallery | None = None,
    reference: Path | Reference | None = None,
    criteria: Criteria | None = None,
    epoch: int | None = None,
) -> GalleryVerdict:
    """Judge a scored gallery by its criteria.

    baseline: another gallery; it counts only where both were made alike (one generation id),
    and both are then scored alike, anew. Without it the figures that criteria.toml declares are
    compared with, and called so. epoch: judge that one in place of the decided or suggested.
    Raises AppError when the baseline cannot be read.
    """
    criteria = criteria or criteria_for(gallery.folder)
    found, base, mine = _against(gallery, report, baseline, reference, criteria)
    side = mine or _side(gallery, report, criteria)
    judged = side.chosen if epoch is None else epoch
    trained = {e: side.of(e) for e in gallery.epochs if e > LORA_OFF}
    asked = [one for one in criteria.lines if not one.off]
    lines = [judge_line(one, side.of(judged), base, trained) for one in asked]
    votes = current_reviews(gallery)[0].cast()
    agreed = agreement(votes)
    return GalleryVerdict(
        judged, side.decision, lines, side.suggestion, found, side.votes, side.index,
        sum(item.verdict.is_reviewed for item in side.items), len(side.items),
        [one.as_dict() for one in steadiness(votes)], asdict(agreed) if agreed else None,
        _notes(side, judged),
    )  # fmt: skip


def _side(
    gallery: Gallery, report: ScoreReport, criteria: Criteria, asked: Protocol | None = None
) -> _Side:
    reviews, _ = current_reviews(gallery)
    items = outcomes(gallery, report, reviews, asked or expectations(gallery, None)[0])
    off = {image.name for image in gallery.cells.values() if image.epoch == LORA_OFF}
    voted = {name for vote in reviews.cast() for name in (vote.left, vote.right)}
    votes = standing(gallery, reviews.cast(), lora_off=bool(off & voted))
    index = weighted_index(gallery, report.images, criteria.weights)
    trained = Standing(votes.votes, [e for e in votes.epochs if e.epoch > LORA_OFF], votes.decided)
    suggestion = suggest(gallery, report, trained, index)
    return _Side(gallery, report, items, votes, index, suggestion, read_decision(gallery.folder))


def _against(
    gallery: Gallery, report: ScoreReport, baseline: Gallery | None,
    reference: Path | Reference | None, criteria: Criteria,
) -> tuple[Baseline, Base, _Side | None]:  # fmt: skip
    """Return the baseline in words, as the lines need it, and the gallery scored beside it."""
    from bespoke_gui.core.compare import compare_galleries, expecting

    if baseline is None:
        kind = DECLARED if criteria.baseline else NONE
        found = Baseline(
            kind, "criteria.toml" if criteria.baseline else "", figures=criteria.baseline
        )
        return found, Base(declared=criteria.baseline), None
    comparison = compare_galleries(gallery, baseline, reference)
    if not comparison.comparable or comparison.reports is None:
        return _refused(baseline, comparison)
    mine = _side(gallery, comparison.reports[0], criteria)
    asked = expecting(baseline.protocol, gallery.protocol)
    theirs = _side(baseline, comparison.reports[1], criteria, asked)
    best = theirs.chosen
    found = Baseline(GALLERY, baseline.folder.name, best, comparison.verdict)
    shares = {share.name: share.value for share in _shares(theirs.of(best))}
    found.figures = {name: value for name, value in shares.items() if value is not None}
    why = "" if best is not None else "the baseline has no epoch to compare with"
    return found, Base(theirs.of(best), best, why=why), mine


def _shares(items: Sequence[Outcome]) -> list[Share]:
    return [share_of(name, items) for name in SHARES]


def _refused(baseline: Gallery, comparison: Comparison) -> tuple[Baseline, Base, None]:
    differences = [str(difference) for difference in comparison.differences]
    found = Baseline(REFUSED, baseline.folder.name, None, comparison.verdict, differences)
    return found, Base(why=comparison.verdict), None


def _notes(side: _Side, judged: int | None) -> list[str]:
    notes = []
    if judged is not None:
        how = "decided" if side.decision and side.decision.epoch == judged else "suggested"
        notes.append(f"the lines judge {epoch_title(judged)} ({how})")
    seen = sum(item.verdict.is_reviewed for item in side.items)
    if seen < len(side.items):
        notes.append(f"{len(side.items) - seen} of {len(side.items)} images unscored")
    if side.votes.hint:
        notes.append(side.votes.hint)
    return notes
