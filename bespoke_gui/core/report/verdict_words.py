"""The verdict in words and tables, for reports and the command line."""

from __future__ import annotations

from bespoke_gui.core.gallery import epoch_title
from bespoke_gui.core.judgement.lines import Line
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
