"""Compare two galleries: like for like, or the list of what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from bespoke_gui.core.bootstrap import Interval, nested_difference
from bespoke_gui.core.gallery import Gallery, epoch_title
from bespoke_gui.core.look import merge_tau
from bespoke_gui.core.measures import Measure, ordered
from bespoke_gui.core.protocol import GENERATION_FIELDS, Protocol
from bespoke_gui.core.provenance import DECLARED, UNKNOWN, Provenance, provenance
from bespoke_gui.core.reference import Reference, load_reference, locked_to
from bespoke_gui.core.score import ScoreReport, look_of, read_all, score_gallery

PROTOCOL = "protocol"


@dataclass(frozen=True)
class Difference:
    """One thing in which two galleries were made differently; both sides in words."""

    field: str
    gallery: str
    baseline: str

    def __str__(self) -> str:
        return f"{self.field}: {self.gallery} against {self.baseline}"


@dataclass
class Comparison:
    """comparable only where the generation ids agree; epochs are rows of figures then.

    basis: "recorded", "declared" (a person's word, not proven) or "unknown". best: measure ->
    how the best epochs of both sides stand to each other. verdict: one line for people.
    reports: both sides scored alike, where they are comparable.
    """

    comparable: bool
    basis: str
    differences: list[Difference] = field(default_factory=list)
    epochs: list[dict[str, Any]] = field(default_factory=list)
    best: dict[str, dict[str, Any]] = field(default_factory=dict)
    verdict: str = ""
    notes: list[str] = field(default_factory=list)
    reports: tuple[ScoreReport, ScoreReport] | None = field(default=None, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, as `bespoke compare --json` prints it; without `reports`."""
        data = asdict(replace(self, reports=None))
        del data["reports"]
        return data


def compare_galleries(
    gallery: Gallery, baseline: Gallery, reference: Path | Reference | None = None
) -> Comparison:
    """Compare a gallery with a baseline under one way of looking, or say why it cannot be.

    Both are scored anew with the gallery's native size, downsampler, expectations and one
    merge decided over the images of both. Raises AppError when a side holds no readable image.
    """
    sides = provenance(gallery), provenance(baseline)
    differences = made_unlike(gallery, baseline)
    if differences:
        basis = UNKNOWN if UNKNOWN in (sides[0].kind, sides[1].kind) else sides[0].kind
        return Comparison(False, basis, differences, verdict=_refusal(differences))
    basis = DECLARED if DECLARED in (sides[0].kind, sides[1].kind) else sides[0].kind
    return _compare_scored(gallery, baseline, reference, basis)


def made_unlike(gallery: Gallery, baseline: Gallery) -> list[Difference]:
    """Return in what two galleries were made differently; nothing is measured or read for it."""
    sides = provenance(gallery), provenance(baseline)
    return _conflicts(*sides) + generation_differences(gallery, baseline, *sides)


def _refusal(differences: list[Difference]) -> str:
    fields = dict.fromkeys(difference.field for difference in differences)
    if PROTOCOL in fields:
        return "not comparable: how the images were made is unknown"
    verb = "differs" if len(fields) == 1 else "differ"
    return f"not comparable: {', '.join(fields)} {verb}"


def _conflicts(mine: Provenance, theirs: Provenance) -> list[Difference]:
    """A record that contradicts itself proves nothing: it stands as a difference."""
    found = []
    for problem in mine.conflicts:
        found.append(Difference(f"record ({problem.file})", problem.message, "as recorded"))
    for problem in theirs.conflicts:
        found.append(Difference(f"record ({problem.file})", "as recorded", problem.message))
    return found


def generation_differences(
    gallery: Gallery, baseline: Gallery, mine: Provenance, theirs: Provenance
) -> list[Difference]:
    """Return every setting that determines images and is not the same on both sides.

    A side whose protocol is unknown differs in "protocol": nothing can be said about it.
    """
    found = []
    if UNKNOWN in (mine.kind, theirs.kind):
        found.append(Difference(PROTOCOL, _known(mine), _known(theirs)))
    elif mine.generation_id == theirs.generation_id:
        return []
    if gallery.protocol and baseline.protocol:
        found += protocol_differences(gallery.protocol, baseline.protocol)
    found += _image_differences(gallery, baseline)
    return found or [Difference("generation id", mine.generation_id, theirs.generation_id)]


def _known(side: Provenance) -> str:
    return side.kind if side.kind != UNKNOWN else "unknown: nothing says how the images were made"


def protocol_differences(one: Protocol, other: Protocol) -> list[Difference]:
    """Return each setting and prompt in which two protocols would make other images."""
    found = []
    for name in GENERATION_FIELDS:
        mine, theirs = _setting(one, name), _setting(other, name)
        if mine != theirs:
            found.append(Difference(name, str(mine), str(theirs)))
    return found + _prompt_differences(one, other)


def _setting(protocol: Protocol, name: str) -> Any:
    if name == "base" and protocol.base_digest:
        return f"{protocol.base} ({protocol.base_digest[:12]})"
    if name == "seeds":
        return sorted(protocol.seeds)
    value = getattr(protocol, name)
    return float(value) if name in ("guidance", "lora_scale") else value


def _prompt_differences(one: Protocol, other: Protocol) -> list[Difference]:
    mine, theirs = _texts(one), _texts(other)
    found = []
    for key in dict.fromkeys([*mine, *theirs]):
        if mine.get(key) != theirs.get(key):
            values = mine.get(key, "not asked"), theirs.get(key, "not asked")
            found.append(Difference(key, *values))
    return found


def _texts(protocol: Protocol) -> dict[str, str]:
    """Return what is asked under each name; a common negative is one entry, not one a prompt."""
    texts = {f"prompt {prompt.name}": prompt.text for prompt in protocol.prompts}
    own = {f"negative of {p.name}": p.negative for p in protocol.prompts if p.negative}
    return {"negative": protocol.negative, **texts, **own}


def _image_differences(gallery: Gallery, baseline: Gallery) -> list[Difference]:
    """Return what the images themselves show: sizes, prompts and seeds, without a protocol."""
    if gallery.protocol and baseline.protocol:
        return []
    shown = [
        ("image size", _sizes(gallery), _sizes(baseline)),
        ("prompts", ", ".join(gallery.prompts), ", ".join(baseline.prompts)),
        ("seeds", _seeds(gallery), _seeds(baseline)),
    ]
    return [Difference(name, mine, theirs) for name, mine, theirs in shown if mine != theirs]


def _sizes(gallery: Gallery) -> str:
    from bespoke_gui.core.errors import AppError
    from bespoke_gui.core.imagefile import probe

    sizes: dict[str, None] = {}
    for image in gallery.images():
        try:
            info = probe(image.path)
        except AppError:
            continue
        sizes[f"{info.width}x{info.height}"] = None
    return ", ".join(sizes)


def _seeds(gallery: Gallery) -> str:
    return ", ".join("unknown" if seed is None else str(seed) for seed in gallery.seeds)


def _compare_scored(
    gallery: Gallery, baseline: Gallery, reference: Path | Reference | None, basis: str
) -> Comparison:
    look = look_of(gallery)
    if isinstance(reference, Path):
        reference = load_reference(reference, look)
    look = locked_to(look, reference)
    both = [
        entry.cells for side in (gallery, baseline) for entry in read_all(side, look)[0].values()
    ]
    tau = merge_tau(both, look.merge)
    mine = score_gallery(gallery, None, None, reference, look=look, tau=tau)
    asked = expecting(baseline.protocol, gallery.protocol)
    theirs = score_gallery(baseline, None, asked, reference, look=look, tau=tau)
    comparison = Comparison(True, basis, notes=list(dict.fromkeys([*mine.notes, *theirs.notes])))
    comparison.reports = mine, theirs
    comparison.epochs = _rows("gallery", mine) + _rows("baseline", theirs)
    comparison.best = _best_against_best(gallery, baseline, mine, theirs)
    comparison.verdict = _verdict(comparison.best, basis)
    return comparison


def expecting(theirs: Protocol | None, mine: Protocol | None) -> Protocol | None:
    """Return the baseline's protocol with the gallery's expectations of the same texts."""
    if theirs is None or mine is None:
        return theirs
    expected = {prompt.text: prompt for prompt in mine.prompts}
    prompts = tuple(
        replace(expected.get(prompt.text, prompt), name=prompt.name) for prompt in theirs.prompts
    )
    return replace(theirs, prompts=prompts, thresholds=mine.thresholds)


def _rows(side: str, report: ScoreReport) -> list[dict[str, Any]]:
    return [{"side": side, "epoch": number, **row} for number, row in report.epochs.items()]


def _best_against_best(
    gallery: Gallery, baseline: Gallery, mine: ScoreReport, theirs: ScoreReport
) -> dict[str, dict[str, Any]]:
    found = {}
    for measure in ordered():
        epochs = _best(mine, measure), _best(theirs, measure)
        if not measure.ranked or None in epochs:
            continue
        one = _values(gallery, mine, int(epochs[0] or 0), measure.name)
        two = _values(baseline, theirs, int(epochs[1] or 0), measure.name)
        interval = nested_difference(one, two)
        if interval:
            found[measure.name] = _standing(measure, epochs, interval)
    return found


def _standing(measure: Measure, epochs: tuple, interval: Interval) -> dict[str, Any]:
    better = interval.mean > 0 if measure.better == "higher" else interval.mean < 0
    result = "tie" if not interval.excludes_zero else ("better" if better else "worse")
    return {
        "gallery_epoch": epochs[0],
        "baseline_epoch": epochs[1],
        "difference": round(interval.mean, 6),
        "interval": [round(interval.low, 6), round(interval.high, 6)],
        "pairs": interval.count,
        "result": result,
    }


def _best(report: ScoreReport, measure: Measure) -> str | None:
    """Return the epoch with the best mean; the base with the LoRA off does not take part."""
    values = {
        number: row[measure.name]
        for number, row in report.epochs.items()
        if row[measure.name] is not None and int(number) > 0
    }
    if not values:
        return None
    pick = max if measure.better == "higher" else min
    return pick(values, key=lambda number: values[number])


def _values(
    gallery: Gallery, report: ScoreReport, epoch: int, name: str
) -> dict[tuple[str, int | None], float]:
    """Return values by prompt text and seed: prompts may have other names on the other side."""
    asked: Mapping[str, str] = (
        {prompt.name: prompt.text for prompt in gallery.protocol.prompts}
        if gallery.protocol
        else {}
    )
    pairs = (
        ((asked.get(image.prompt, image.prompt), image.seed), report.images[image.name][name])
        for image in gallery.images()
        if image.epoch == epoch and image.name in report.images
    )
    return {place: value for place, value in pairs if value is not None}


def _verdict(best: Mapping[str, Mapping[str, Any]], basis: str) -> str:
    results = {
        word: [name for name, entry in best.items() if entry["result"] == word]
        for word in ("better", "worse", "tie")
    }
    parts = [f"{word}: {', '.join(names)}" for word, names in results.items() if names]
    text = "; ".join(parts) or "no measure applies to both"
    proof = " (as declared, not proven)" if basis == DECLARED else ""
    return f"comparable{proof}: best epoch against best epoch {text}"


def row_title(row: Mapping[str, Any]) -> str:
    """Return "baseline epoch 8, learning rate 2.3e-08" for a row of `epochs`."""
    rate = row.get("learning_rate")
    text = f"{row['side']} {epoch_title(int(row['epoch']))}"
    return text if rate is None else f"{text}, learning rate {rate:.1e}"
