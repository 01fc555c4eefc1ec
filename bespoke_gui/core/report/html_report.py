"""Report format html: one file with the grid at integer zoom, figures and words; light and dark."""

from __future__ import annotations

import functools
import html

from bespoke_gui.core.measures import MEASURES
from bespoke_gui.core.report import REPORTS, ReportFormat, ReportInput
from bespoke_gui.core.report import html_verdict as parts
from bespoke_gui.core.report.html_grid import grid
from bespoke_gui.core.report.verdict_words import remark_lines
from bespoke_gui.core.report.words import (
    LIMITS,
    epoch_rows,
    settings_lines,
    shown_measures,
    tie_lines,
)
from bespoke_gui.core.resources import resource

_COLOURS = (
    "Figures under an image: unique colours, and how well the background fits the prompt (0 to 1). "
    "! and orange: a pixel defect, predicted or reviewed; ✕ and red: messy."
)
MANY = 12
PRINTED, ROW_HEAD, FIGURE = 980, 140, 76
"""Px: what fits on A4 on its side; about the widths of an epoch's name and of a figure."""


def _run(given: ReportInput) -> bytes:
    body = [
        f"<header><h1>{_safe(given.title)}</h1>{_list(settings_lines(given), 'settings')}</header>",
        parts.decided(given),
        *_verdict(given),
        _section("Every epoch", grid(given)),
        _section("Judges", parts.judges(given.verdict)) if given.verdict else "",
        _section("Over the epochs", parts.plotted(given)),
        _section("Figures", _table(given)),
        _section("Best by each measure", _list(tie_lines(given))),
        _section("What people said", _said(given)),
        _section("What the measures say", _explanations(given)),
        _section("Problems", _list([_problem(p) for p in _problems(given)])),
        _section("How to read this", _list([*given.scores.notes, LIMITS, _COLOURS])),
    ]
    return _page().format(title=_safe(given.title), body="\n".join(filter(None, body))).encode()


@functools.cache
def _page() -> str:
    """Return the page around the body; braces of the style sheet are doubled for format."""
    style = resource("report.css").read_text(encoding="utf-8")
    style = style.replace("{", "{{").replace("}", "}}")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        # Nothing outside this file is ever asked for, not even an icon.
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n"
        '<link rel="icon" href="data:,">\n'
        f"<title>{{title}}</title>\n<style>\n{style}</style></head>\n"
        "<body><main>\n{body}\n</main></body></html>\n"
    )


def _safe(text: str) -> str:
    return html.escape(text, quote=True)


def _section(title: str, content: str) -> str:
    return f"<section><h2>{title}</h2>{content}</section>" if content else ""


def _list(lines: list[str], kind: str = "") -> str:
    items = "".join(f"<li>{_safe(line)}</li>" for line in lines)
    return f'<ul class="{kind}">{items}</ul>' if items else ""


def _verdict(given: ReportInput) -> list[str]:
    verdict = given.verdict
    if verdict is None:
        return []
    return [
        _section("Verdict", parts.criteria(verdict)),
        _section("Suggested epoch", parts.suggestion(verdict)),
    ]


def _said(given: ReportInput) -> str:
    remarks = remark_lines(given.reviews, [image.name for image in given.gallery.images()])
    return _list(remarks, "many" if len(remarks) > MANY else "")


def _print_zoom(width: int) -> str:
    """Return a style by which a table of that many px fits on paper, on its side."""
    return f'style="--print:{min(1.0, PRINTED / width):.3f}"'


def _table(given: ReportInput) -> str:
    head, *rows = epoch_rows(given)
    titles = "".join(f'<th scope="col">{_safe(cell)}</th>' for cell in head)
    lines = []
    for number, row in zip(given.scores.epochs, rows, strict=True):
        mark = ' class="picked"' if int(number) == given.chosen else ""
        cells = "".join(f"<td>{_safe(cell)}</td>" for cell in row[1:])
        lines.append(f'<tr{mark}><th scope="row">{_safe(row[0])}</th>{cells}</tr>')
    body = f"<thead><tr>{titles}</tr></thead><tbody>{''.join(lines)}</tbody>"
    zoom = _print_zoom(ROW_HEAD + FIGURE * len(head))
    return f'<div class="wide"><table class="figures" {zoom}>{body}</table></div>'


def _explanations(given: ReportInput) -> str:
    words = {"lower": "lower is better", "higher": "higher is better", "none": "not ranked"}
    items = []
    for measure in shown_measures(given):
        limit = given.scores.thresholds.get(measure.name)
        at = "" if limit is None else f"; limit {measure.text(limit)}"
        note = f"{measure.unit}, {words[MEASURES[measure.name].better]}{at}"
        text = f"{_safe(measure.explanation)} <small>({_safe(note)})</small>"
        items.append(f"<dt>{_safe(measure.title)}</dt><dd>{text}</dd>")
    return f"<dl>{''.join(items)}</dl>"


def _problems(given: ReportInput) -> list:
    return [*given.gallery.problems, *given.scores.problems]


def _problem(problem) -> str:
    where = f"{problem.file}: " if problem.file else ""
    return f"{where}{problem.message}"


REPORTS.add("html", ReportFormat("html", "Web page", _run))
