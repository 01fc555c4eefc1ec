"""The verdict as parts of a web page: criteria, suggestion, judges, what people said, plots."""

from __future__ import annotations

import html

from bespoke_gui.core.gallery import epoch_title
from bespoke_gui.core.judgement.lines import Line
from bespoke_gui.core.judgement.verdict import GalleryVerdict
from bespoke_gui.core.report import ReportInput
from bespoke_gui.core.report.plots import plots
from bespoke_gui.core.report.verdict_words import (
    HEAD,
    baseline_lines,
    criteria_rows,
    judge_lines,
)


def criteria(verdict: GalleryVerdict) -> str:
    """Return what is compared with, the table of criteria and the notes."""
    head = "".join(f'<th scope="col">{_safe(cell)}</th>' for cell in HEAD)
    rows = [
        _row(line, cells)
        for line, cells in zip(verdict.lines, criteria_rows(verdict)[1:], strict=True)
    ]
    table = f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
    shown = f'<div class="wide"><table class="figures criteria">{table}</table></div>'
    return _list(baseline_lines(verdict), "settings") + shown + _list(verdict.notes, "settings")


def _row(line: Line, cells: list[str]) -> str:
    kind = "open" if not line.level else "missed" if line.level == "not reached" else "reached"
    kind += "" if line.sure or not line.level else " unsure"
    inside = "".join(f"<td>{_safe(cell)}</td>" for cell in cells[1:])
    return f'<tr class="{kind}"><th scope="row">{_safe(cells[0])}</th>{inside}</tr>'


def suggestion(verdict: GalleryVerdict) -> str:
    """Return the suggested epoch with what speaks for and against it."""
    found = verdict.suggestion
    if found.epoch is None:
        return "<p>There is nothing to choose by yet.</p>"
    head = f"<p><strong>{_safe(epoch_title(found.epoch))}</strong>, by {_safe(found.evidence)}</p>"
    for_ = f"<div><h3>For it</h3>{_list(found.reasons)}</div>" if found.reasons else ""
    against = f"<div><h3>Against it</h3>{_list(found.against)}</div>" if found.against else ""
    return f'{head}<div class="sides">{for_}{against}</div>'


def decided(given: ReportInput) -> str:
    """Return what was decided, when and why; "" where nothing was."""
    if given.chosen is None:
        return ""
    decision = given.verdict.decision if given.verdict else None
    words = f"Chosen: {epoch_title(given.chosen)}"
    if decision and decision.epoch == given.chosen:
        words += f", {decision.date[:10]}" + (f": {decision.reason}" if decision.reason else "")
    return f'<p class="chosen">{_safe(words)}</p>'


def judges(verdict: GalleryVerdict) -> str:
    """Return how many votes there are, how steady judges are, whether to go on."""
    return _list(judge_lines(verdict))


def plotted(given: ReportInput) -> str:
    """Return all plots side by side."""
    figures = [
        f"<figure><figcaption>{_safe(title)}</figcaption>{svg}</figure>"
        for title, svg in plots(given)
    ]
    return f'<div class="plots">{"".join(figures)}</div>' if figures else ""


def _list(lines: list[str], kind: str = "") -> str:
    items = "".join(f"<li>{_safe(line)}</li>" for line in lines)
    return f'<ul class="{kind}">{items}</ul>' if items else ""


def _safe(text: str) -> str:
    return html.escape(text, quote=True)
