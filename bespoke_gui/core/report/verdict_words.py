"""The verdict in words and tables, for reports and the command line."""

from __future__ import annotations

from collections.abc import Sequence

from bespoke_gui.core.gallery import epoch_title
from bespoke_gui.core.judgement.lines import Line
from bespoke_gui.core.judgement.reviews import Reviews
from bespoke_gui.core.judgement.verdict import DECLARED, GALLERY, REFUSED, GalleryVerdict

HEAD = ["Criterion", "Minimum", "Target", "Best case", "Found", "Basis", "n"]


def verdict_lines(verdict: GalleryVerdict) -> list[str]:
    """Return one sentence a criterion, after one about what it is compared with."""
    lines = baseline_lines(verdict)
    return lines + [f"{line.title}: {line.text} ({line.basis}, n {line.count})"
                    for line in verdict.lines]  # fmt: skip


def baseline_lines(verdict: GalleryVerdict) -> list[str]:
    """Return what the gallery is judged against, with every difference where it cannot be."""
    base = verdict.baseline
    if base.kind == REFUSED:
        return [f"Baseline {base.name}: {base.verdict}", *base.differences]
    if base.kind == GALLERY:
        best = "" if base.epoch is None else f", best {epoch_title(base.epoch)}"
        return [f"Baseline {base.name}{best}: {base.verdict}"]
    if base.kind == DECLARED:
        figures = ", ".join(f"{name.replace('_', ' ')} {value:.0%}"
                            for name, value in base.figures.items())  # fmt: skip
        return [f"Baseline as declared in criteria.toml, not proven like for like: {figures}"]
    return ["No baseline: only shares of its own are judged"]


def criteria_rows(verdict: GalleryVerdict) -> list[list[str]]:
    """Return the table of criteria as text, header first."""
    return [HEAD, *(_row(line) for line in verdict.lines)]


def _row(line: Line) -> list[str]:
    levels = [_level(line, name) for name in ("minimum", "target", "best")]
    return [line.title, *levels, line.text, line.basis, str(line.count)]


def _level(line: Line, name: str) -> str:
    if name not in line.levels:
        return "–"
    value = line.levels[name]
    return f"{value:.0f}" if line.kind == "better" else f"{value:.0%}"


def judge_lines(verdict: GalleryVerdict) -> list[str]:
    """Return how many votes and reviews there are, how steady judges are, whether to go on."""
    lines = [f"{verdict.reviewed} of {verdict.images} images reviewed"]
    for item in verdict.standing.epochs:
        tied = ", tied with the best" if item.tied else ""
        ends = f"{item.strength:+.2f} ({item.low:+.2f} to {item.high:+.2f})"
        won = f"won {item.wins:g} of {item.votes}"
        lines.append(f"{epoch_title(item.epoch)}: strength {ends}, {won}{tied}")
    for judge in verdict.judges:
        lines.append(_judge(judge))
    if verdict.agreement:
        agreed = verdict.agreement
        lines.append(f"Judges choose alike in {agreed['mean']:.0%} of {agreed['count']} cases")
    if verdict.standing.hint:
        lines.append(verdict.standing.hint)
    return lines


def _judge(judge: dict) -> str:
    same = judge["same"]
    steady = f", the same pair alike in {same['mean']:.0%} of {same['count']}" if same else ""
    hint = f"; {judge['hint']}" if judge["hint"] else ""
    return f"{judge['judge']}: {judge['votes']} votes, {judge['ties']} ties{steady}{hint}"


def remark_lines(reviews: Reviews, order: Sequence[str]) -> list[str]:
    """Return one line for every review that says more than a score, in the order of images."""
    lines = []
    for name in order:
        for judge, review in reviews.of(name).items():
            answers = [f"{what} {'there' if there else 'missing'}"
                       for what, there in review.accessories.items()]  # fmt: skip
            said = [*review.tags, *answers, review.notes]
            if any(said):
                score = "" if review.score is None else f", {review.score:g}"
                lines.append(f"{name} ({judge}{score}): {'; '.join(filter(None, said))}")
    return lines
