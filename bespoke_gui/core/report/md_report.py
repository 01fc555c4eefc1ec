"""Report format md: tables in the form of the artist's own reports."""

from __future__ import annotations

from bespoke_gui.core.gallery import epoch_title
from bespoke_gui.core.report import REPORTS, ReportFormat, ReportInput
from bespoke_gui.core.report.words import LIMITS, epoch_rows, settings_lines, tie_lines


def _run(given: ReportInput) -> bytes:
    parts = [f"# {_cell(given.title)}", _list(settings_lines(given))]
    if given.chosen is not None:
        parts.append(f"**Chosen: {epoch_title(given.chosen)}**")
    parts += ["## Epochs", _table(epoch_rows(given))]
    ties = tie_lines(given)
    if ties:
        parts += ["## Best by each measure", _list(ties)]
    parts += ["## Unique colours by prompt", _table(_by_prompt(given))]
    problems = [str(problem.message) for problem in given.gallery.problems + given.scores.problems]
    if problems:
        parts += ["## Problems", _list(problems)]
    parts += ["## How to read this", _list([*given.scores.notes, LIMITS])]
    return ("\n\n".join(parts) + "\n").encode("utf-8")


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
