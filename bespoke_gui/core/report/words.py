"""Words and tables that several report formats share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bespoke_gui.core.gallery import epoch_title
from bespoke_gui.core.measures import MEASURES, Measure, ordered
from bespoke_gui.core.report import ReportInput

LIMITS = (
    "No measure sees eyes, hats, sunglasses or likeness: those are for people to judge. "
    "Clean and defect are predicted from measures until people have looked."
)


def shown_measures(given: ReportInput) -> list[Measure]:
    """Return the measures that apply to at least one epoch, in reading order."""
    rows = given.scores.epochs.values()
    return [item for item in ordered() if any(row[item.name] is not None for row in rows)]


def epoch_rows(given: ReportInput) -> list[list[str]]:
    """Return the table of epochs as text: epoch, rate, measures, clean, n; header first."""
    measures = shown_measures(given)
    losses = ["Held-out loss"] if has_held_out(given) else []
    head = ["Epoch", "Learning rate", *losses, *(item.title for item in measures), "Score", "Clean",
            "Basis", "n"]  # fmt: skip
    return [head, *(_row(given, number, measures) for number in given.scores.epochs)]


def has_held_out(given: ReportInput) -> bool:
    """Say whether the training measured its loss on images that it was not taught."""
    return any(row.get("held_out_loss") is not None for row in given.scores.epochs.values())


def beside_epoch(row: Mapping[str, Any]) -> list[str]:
    """Return what stands beside an epoch's name: learning rate and held-out loss if known."""
    rate, loss = row["learning_rate"], row.get("held_out_loss")
    words = [] if rate is None else [f"rate {rate:.1e}"]
    return words if loss is None else [*words, f"held-out loss {loss:.4f}"]


def _row(given: ReportInput, number: str, measures: list[Measure]) -> list[str]:
    row = given.scores.epochs[number]
    figures = [_figure(item, row[item.name]) for item in measures]
    rate, loss = row["learning_rate"], row.get("held_out_loss")
    losses = ["–" if loss is None else f"{loss:.4f}"] if has_held_out(given) else []
    title = epoch_title(int(number)) + (" (chosen)" if int(number) == given.chosen else "")
    clean = "–" if row["clean_rate"] is None else f"{row['clean_rate']:.0%}"
    score = "–" if row["score"] is None else f"{row['score']:.1f}"
    words = [score, clean, _basis(row), str(row["n"])]
    return [title, "–" if rate is None else f"{rate:.1e}", *losses, *figures, *words]


def _basis(row: Mapping[str, Any]) -> str:
    """Return whether people looked at an epoch: at all, some or none of its images."""
    if not row["reviewed"]:
        return "predicted"
    return "reviewed" if row["reviewed"] == row["n"] else f"{row['reviewed']} reviewed"


def _figure(measure: Measure, value: float | None) -> str:
    """Means of counts get one decimal, the rest what the measure shows."""
    if value is not None and measure.decimals == 0:
        return f"{value:.1f}"
    return measure.text(value)


def tie_lines(given: ReportInput) -> list[str]:
    """Return one sentence a measure: the best epoch and those it cannot be told from."""
    lines = []
    for name, entry in given.scores.ties.items():
        title, best = MEASURES[name].title, epoch_title(int(entry["best"]))
        others = [epoch_title(int(number)) for number in entry["tied"]]
        tied = f"tied with {', '.join(others)}" if others else "ahead of all others"
        lines.append(f"{title}: {best}, {tied} ({entry['pairs']} image pairs)")
    return lines


def settings_lines(given: ReportInput) -> list[str]:
    """Return how the images were made and looked at, one line each."""
    gallery, scores = given.gallery, given.scores
    look = scores.look
    size = [
        _count(len(gallery.epochs), "epoch"),
        _count(len(gallery.prompts), "prompt"),
        "seed unknown" if gallery.seeds == [None] else _count(len(gallery.seeds), "seed"),
    ]
    lines = [
        f"{_count(len(gallery.cells), 'image')}: {', '.join(size)}",
        f"Native size {look.native_size}, downsampler {look.downsampler}, merge {look.merge}",
    ]
    protocol = gallery.protocol
    if protocol:
        lines.append(
            f"Base {protocol.base}, {protocol.width}x{protocol.height}, {protocol.steps} steps, "
            f"guidance {protocol.guidance:g}, scheduler {protocol.scheduler}"
        )
        how = "declared, not proven" if gallery.info.declared else "recorded"
        known = gallery.info.generation_id
        lines.append(f"Generation id {known[:16]} ({how})" if known else "Generation id unknown")
    else:
        lines.append("How the images were made: unknown")
    if scores.reference_images:
        lines.append(f"Training set: {scores.reference_images} images")
    return lines


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def background_and_colours(given: ReportInput, name: str) -> str:
    """Return the short text under one image: unique colours, then background match."""
    values = given.scores.images.get(name)
    if not values:
        return "unreadable"
    text = f"{values['unique_colours'] or 0:.0f} col."
    match = values.get("background_match")
    return text if match is None else f"{text}  bg {match:.1f}"
