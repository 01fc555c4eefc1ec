"""Suggestion: the epoch that the evidence points to, with what speaks for and against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.gallery import LORA_OFF, Gallery, epoch_title
from bespoke_gui.core.judgement.standing import FEWEST, Standing
from bespoke_gui.core.judgement.weights import Index
from bespoke_gui.core.measures import MEASURES, Measure, ordered
from bespoke_gui.core.score_epochs import compare_epochs

if TYPE_CHECKING:
    from bespoke_gui.core.score import ScoreReport

VOTES, SCORES, MEASURED, ONLY = "blind votes", "scores", "measures", "one epoch"
HIGH_RATE = 0.5  # of the highest rate: from there an epoch was saved before it was annealed
MUCH_CHANGE = 0.3
RISEN = 1.01  # of the lowest held-out loss before: the noise is the same, so a hundredth is seen


@dataclass
class Suggestion:
    """epoch None: nothing to choose by. evidence: what it rests on. tied: epochs that chance may
    keep from it. A person decides; this is what to look at."""

    epoch: int | None = None
    evidence: str = ""
    tied: list[int] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def suggest(gallery: Gallery, report: ScoreReport, votes: Standing, index: Index) -> Suggestion:
    """Return the epoch with the best evidence: blind votes, else scores, else the weighted index.

    People come before measures: votes count from ten on, scores when every epoch has been scored
    in full. What was not used for the choice still appears for or against it.
    """
    epochs = [epoch for epoch in gallery.epochs if epoch > LORA_OFF]
    if not epochs:
        return Suggestion()
    if len(epochs) == 1:
        return _warned(
            gallery, report, Suggestion(epochs[0], ONLY, [], ["the only epoch there is"])
        )
    found = _by_votes(votes) or _by_scores(gallery, report, epochs) or _by_index(index)
    if found.epoch is None:
        return found
    found.reasons += _measures(gallery, report, found.epoch, epochs, good=True)
    found.against += _ties(found) + _unlike_evidence(found, votes, index)
    found.against += _measures(gallery, report, found.epoch, epochs, good=False)
    return _warned(gallery, report, found)


def _by_votes(votes: Standing) -> Suggestion | None:
    if votes.votes < FEWEST:
        return None
    best = votes.epochs[0]
    text = f"chosen in {best.chance:.0%} of blind pairs against the average epoch"
    tied = [item.epoch for item in votes.epochs if item.tied]
    return Suggestion(best.epoch, VOTES, tied, [f"{text} ({best.votes} of {votes.votes} votes)"])


def _by_scores(gallery: Gallery, report: ScoreReport, epochs: list[int]) -> Suggestion | None:
    scores = {
        epoch: {
            (image.prompt, image.seed): verdict.score
            for image in gallery.images()
            if image.epoch == epoch and (verdict := report.verdicts.get(image.name))
        }
        for epoch in epochs
    }
    if any(not row or None in row.values() for row in scores.values()):
        return None
    full: dict[int, dict] = scores
    best, tied = compare_epochs(full, higher=True)
    row = report.epochs[str(best)]
    low, high = row["intervals"]["score"]
    text = f"mean score {row['score']:.1f} ({low:.1f} to {high:.1f}, {row['n']} images)"
    return Suggestion(best, SCORES, tied, [text])


def _by_index(index: Index) -> Suggestion:
    if not index.best:
        return Suggestion()
    row = index.epochs[index.best]
    text = f"highest weighted index {row['value']:+.2f} ({row['low']:+.2f} to {row['high']:+.2f})"
    return Suggestion(int(index.best), MEASURED, [int(epoch) for epoch in index.tied], [text])


def _ties(found: Suggestion) -> list[str]:
    if not found.tied:
        return []
    others = ", ".join(epoch_title(epoch) for epoch in found.tied)
    return [f"tied with {others}: by {found.evidence} the difference may be chance"]


def _unlike_evidence(found: Suggestion, votes: Standing, index: Index) -> list[str]:
    """Say where people and measures point elsewhere."""
    said = []
    agreeing = {index.best, *index.tied} if index.best else {str(found.epoch)}
    if found.evidence != MEASURED and str(found.epoch) not in agreeing:
        said.append(f"the measures point to {epoch_title(int(index.best))}")
    if found.evidence == SCORES and votes.epochs and votes.epochs[0].epoch != found.epoch:
        said.append(f"{votes.votes} blind votes point to {epoch_title(votes.epochs[0].epoch)}")
    return said


def _measures(
    gallery: Gallery, report: ScoreReport, epoch: int, epochs: list[int], *, good: bool
) -> list[str]:
    """Name the measures by which the epoch is ahead of others (good) or behind the best for sure.

    A measure by which all are tied speaks neither for nor against.
    """
    said = []
    for measure in ordered():
        tie = report.ties.get(measure.name)
        if not tie:
            continue
        best = int(tie["best"])
        if good and best == epoch:
            others = len(epochs) - 1 - len(tie["tied"])
            beaten = f"ahead of {others} of {len(epochs) - 1} others beyond chance"
            words = f"{measure.title}: best, {_figure(report, measure, epoch)}, {beaten}"
            said += [words] if others else []
        elif not good and best != epoch and str(epoch) not in tie["tied"]:
            figures = f"{_figure(report, measure, best)} against {_figure(report, measure, epoch)}"
            said.append(f"{measure.title}: {epoch_title(best)} is better beyond chance, {figures}")
    return said


def _figure(report: ScoreReport, measure: Measure, epoch: int) -> str:
    value = report.epochs[str(epoch)][measure.name]
    return f"{value:.1f}" if value is not None and not measure.decimals else measure.text(value)


def _warned(gallery: Gallery, report: ScoreReport, found: Suggestion) -> Suggestion:
    """Add what speaks against any choice: copies, an unfinished training, nobody having looked."""
    said = found.against
    row: Mapping[str, Any] = report.epochs[str(found.epoch)]
    said += _rate(gallery, found.epoch or 0) + _by_heart(gallery, found.epoch or 0)
    copies = _copies(gallery, report, found.epoch or 0)
    if copies:
        said.append(f"{copies} of {row['n']} images are nearly copies of a training image")
    change = row["epoch_change"]
    later = found.epoch == max(gallery.epochs) and change is not None and change > MUCH_CHANGE
    if later:
        said.append(f"the last epoch, and {change:.0%} of the cells still changed: not settled")
    if not any(verdict.is_reviewed for verdict in report.verdicts.values()):
        said.append("nobody has looked yet: no measure sees eyes, hats or likeness")
    if len(gallery.seeds) < 2:
        said.append("one seed an image: another seed may turn the order round")
    return found


def _rate(gallery: Gallery, epoch: int) -> list[str]:
    rates = {e: rate for e in gallery.epochs if (rate := gallery.learning_rate(e)) is not None}
    mine = rates.get(epoch)
    if mine is None or len(rates) < 2 or mine < HIGH_RATE * max(rates.values()):
        return []
    if min(rates.values()) > HIGH_RATE * max(rates.values()):
        return []
    return [f"saved at a learning rate of {mine:.1e}, near the highest: not annealed as others are"]


def _by_heart(gallery: Gallery, epoch: int) -> list[str]:
    """Say that the held-out loss has risen since an earlier epoch."""
    losses = {
        e: loss for e in gallery.epochs if e and (loss := gallery.held_out_loss(e)) is not None
    }
    earlier = [e for e in losses if e < epoch]
    if epoch not in losses or not earlier:
        return []
    best = min(earlier, key=lambda e: losses[e])
    if losses[epoch] < RISEN * losses[best]:
        return []
    return [
        f"its held-out loss, {losses[epoch]:.4f}, is above the {losses[best]:.4f} of "
        f"{epoch_title(best)}: it may be learning its images by heart"
    ]


def _copies(gallery: Gallery, report: ScoreReport, epoch: int) -> int:
    limit = report.thresholds.get("memorisation")
    values = [
        report.images[image.name]["memorisation"]
        for image in gallery.images()
        if image.epoch == epoch and image.name in report.images
    ]
    return sum(MEASURES["memorisation"].beyond(value, limit) for value in values)
