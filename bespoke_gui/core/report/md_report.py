"""Report format md: tables in the form of the artist's own reports."""

from __future__ import annotations

import datetime

from bespoke_gui.core.gallery import epoch_title
from bespoke_gui.core.judgement.lines import Line
from bespoke_gui.core.judgement.verdict import GalleryVerdict
from bespoke_gui.core.report import REPORTS, ReportFormat, ReportInput
from bespoke_gui.core.report.verdict_words import baseline_lines, judge_lines, remark_lines
from bespoke_gui.core.report.words import LIMITS, epoch_rows, settings_lines, tie_lines

LEVELS = {"minimum": "Minimum acceptable", "target": "Target success", "best": "Best case"}


def _run(given: ReportInput) -> bytes:
    parts = [f"# {_cell(given.title)}", f"**Date:** {datetime.date.today().isoformat()}"]
    if given.chosen is not None:
        parts.append(f"**Chosen: {epoch_title(given.chosen)}**{_reason(given)}")
    parts.append(_list(settings_lines(given)))
    if given.verdict:
        parts += _verdict(given, given.verdict)
    parts += ["## Epochs", _table(epoch_rows(given))]
    ties = tie_lines(given)
    if ties:
        parts += ["## Best by each measure", _list(ties)]
    parts += ["## Unique colours by prompt", _table(_by_prompt(given))]
    remarks = remark_lines(given.reviews, [image.name for image in given.gallery.images()])
    if remarks:
        parts += ["## What people saw", _list(remarks)]
    problems = [str(problem.message) for problem in given.gallery.problems + given.scores.problems]
    if problems:
        parts += ["## Problems", _list(problems)]
    parts += ["## How to read this", _list([*given.scores.notes, LIMITS])]
    return ("\n\n".join(parts) + "\n").encode("utf-8")


def _reason(given: ReportInput) -> str:
    decision = given.verdict.decision if given.verdict else None
    if decision is None or decision.epoch != given.chosen:
        return ""
    reason = f": {decision.reason}" if decision.reason else ""
    return " " + _cell(f"({decision.date[:10]}){reason}")


def _verdict(given: ReportInput, verdict: GalleryVerdict) -> list[str]:
    """Return the success criteria level by level, the suggestion, and the judges."""
    parts = ["## Success criteria", _list(baseline_lines(verdict))]
    for level, title in LEVELS.items():
        lines = [_box(line, level) for line in verdict.lines if level in line.levels]
        if lines:
            parts += [f"### {title}", "\n".join(lines)]
    found = verdict.suggestion
    if found.epoch is not None:
        parts.append(f"## Suggested: {epoch_title(found.epoch)}, by {found.evidence}")
        for title, said in (("For it", found.reasons), ("Against it", found.against)):
            if said:
                parts += [f"**{title}**", _list(said)]
    return [*parts, "## Judges", _list(judge_lines(verdict))]


def _box(line: Line, level: str) -> str:
    """Return a criterion as a ticked or open box: "at least 30%" and what was found."""
    reached = line.level in list(LEVELS)[list(LEVELS).index(level) :]
    wanted = line.levels[level]
    at = f"{wanted:.0f}" if line.kind == "better" else f"{wanted:.0%}"
    side = "at most" if line.kind == "share" and line.better == "lower" else "at least"
    text = f"{line.title}, {side} {at}: {line.text} ({line.basis}, n {line.count})"
    return f"- [{'x' if reached else ' '}] {_cell(text)}"


def _by_prompt(given: ReportInput) -> list[list[str]]:
    gallery = given.gallery
    rows = [["Epoch", *gallery.prompts]]
    for epoch in gallery.epochs:
        figures = [_mean_unique(given, epoch, prompt) for prompt in gallery.prompts]
        rows.append([epoch_title(epoch), *figures])
    return rows


def _mean_unique(given: ReportInput, epoch: int, prompt: str) -> str:
    """Mean over seeds, so that a prompt has one figure an epoch."""
    images = [i for i in given.gallery.images() if (i.epoch, i.prompt) == (epoch, prompt)]
    found = [given.scores.images.get(image.name, {}).get("unique_colours") for image in images]
    values = [value for value in found if value is not None]
    if not values:
        return "–"
    mean = sum(values) / len(values)
    return f"{mean:.0f}" if len(values) == 1 else f"{mean:.1f}"


def _table(rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return "\n".join(lines)


def _list(lines: list[str]) -> str:
    return "\n".join(f"- {_cell(line)}" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


REPORTS.add("md", ReportFormat("md", "Markdown", _run))
