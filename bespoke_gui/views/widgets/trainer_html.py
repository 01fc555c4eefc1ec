"""What the trainer reads, as marked text: fixed phrases, cut words, remarks with their signs."""

from __future__ import annotations

from html import escape

from bespoke_gui.core.trainer_view import Remark, Sample, TrainerView
from bespoke_gui.views.tokens import Tokens

SIGNS = ("error", "warning", "info")  # resources "sign:NAME" of the document
PLACE = "place:"
Style = tuple[int, int, str]


def page(view: TrainerView, colours: Tokens) -> str:
    """Return the whole page: what is to know first, the samples, what chance does."""
    title = "Sample {}" if view.random else "Every time"
    samples = [
        sample_html(sample, title.format(number), colours)
        for number, sample in enumerate(view.samples, 1)
    ]
    return "".join([*map(remark_html, view.remarks), *samples, *map(remark_html, view.chances)])


def remark_html(remark: Remark) -> str:
    """Return a remark behind its sign, with a link to its place if it has one."""
    words = escape(remark.text)
    if remark.place:
        start, end = remark.place
        words += f' <a href="{PLACE}{start}-{end}">Show</a>'
    cells = f'<td width="24"><img src="sign:{remark.severity}"></td><td>{words}</td>'
    return f'<table style="margin-bottom:6px"><tr>{cells}</tr></table>'


def sample_html(sample: Sample, title: str, colours: Tokens) -> str:
    """Return one draw under its title, with the number of its tokens."""
    count = f"{sample.tokens} tokens" if sample.tokens != 1 else "1 token"
    head = f'<span style="color:{colours.muted.name()}">{title} · {count}</span>'
    style = "margin-top:0; margin-bottom:10px; line-height:120%"
    return f'<p style="{style}">{head}<br>{marked(sample, colours)}</p>'


def marked(sample: Sample, colours: Tokens) -> str:
    """Return the text of a draw: fixed phrases tinted, what is cut off grey and struck out."""
    if not sample.text:
        return f'<i style="color:{colours.muted.name()}">empty: left out this time</i>'
    cut = len(sample.text) if sample.cut is None else sample.cut
    fixed = f"background-color:{colours.accent_soft.name()}; color:{colours.accent_text.name()}"
    gone = f"color:{colours.muted.name()}; text-decoration:line-through"
    styles: list[Style] = [(start, min(end, cut), fixed) for start, end in sample.fixed]
    styles.append((cut, len(sample.text), gone))
    text = _styled(sample.text, [style for style in styles if style[0] < style[1]])
    left = ", ".join(map(escape, sample.dropped))
    return text + (f'<br><span style="{gone}">{left}</span>' if left else "")


def _styled(text: str, styles: list[Style]) -> str:
    parts, last = [], 0
    for start, end, style in sorted(styles):
        parts.append(escape(text[last:start]))
        parts.append(f'<span style="{style}">{escape(text[start:end])}</span>')
        last = end
    return "".join([*parts, escape(text[last:])])
