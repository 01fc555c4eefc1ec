"""The grid of a web page: epochs down, prompts across, at the largest whole zoom that fits.

Where even a small zoom leaves no room for all columns, the grid wraps: prompts go on in another
block below, the seeds of one together. Style sheets choose the zoom, on screens and on paper.
"""

from __future__ import annotations

import base64
import html
import io

from PIL import Image

from bespoke_gui.core.collage import Column, columns_of
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import GalleryImage, epoch_title
from bespoke_gui.core.look import Look, read_cells
from bespoke_gui.core.report import ReportInput
from bespoke_gui.core.report.words import background_and_colours, beside_epoch

SIGNS = {"pixel-defect": "! ", "messy": "✕ "}
PAPER, HEAD, GAP, FRAME = 980, 108, 12, 26
"""Px: what fits on A4 on its side; the column of names; between pictures; round a block."""
SMALL = 48
"""Px: no block has so many columns that its pictures would be smaller than about this."""


def grid(given: ReportInput) -> str:
    """Return the whole grid, in one block or several."""
    native = given.scores.look.native_size
    blocks = _blocks(columns_of(given.gallery), native)
    style = "".join(_zooms(count, native, given.scale) for count in sorted(set(map(len, blocks))))
    return f"<style>{style}</style>" + "".join(_block(given, block, native) for block in blocks)


def _blocks(columns: list[Column], native: int) -> list[list[Column]]:
    """Return the columns in blocks that fit on paper; a prompt's seeds stay together."""
    most = max(1, (PAPER - HEAD) // (native * _least(native, SMALL) + GAP))
    blocks: list[list[Column]] = [[]]
    for name in dict.fromkeys(name for name, _ in columns):
        mine = [column for column in columns if column[0] == name]
        if blocks[-1] and len(blocks[-1]) + len(mine) > most:
            blocks.append([])
        blocks[-1] += mine
    return blocks


def _zooms(count: int, native: int, most: int) -> str:
    """Return the rules by which a block of that many columns takes the zoom there is room for."""
    kind, rules, least = f".fit .columns-{count}", [], _least(native, most)
    for zoom in range(least, most + 1):
        room = HEAD + count * (native * zoom + GAP) + FRAME
        take = f"{kind}{{--zoom:{zoom}}}"
        # With nothing to scroll aside the names of the prompts stay too.
        take += f"{kind}{{overflow:visible}}{kind} thead{{top:0}}" if zoom == least else ""
        rules.append(f"@container grid (min-width:{room}px){{{take}}}")
    return f"{kind}{{--zoom:{least}}}" + "".join(rules)


def _least(native: int, most: int) -> int:
    """Return the smallest zoom: below it a picture is no longer seen, and is scrolled to."""
    return min(most, max(1, SMALL // native))


def _block(given: ReportInput, columns: list[Column], native: int) -> str:
    count = len(columns)
    rows = "".join(_grid_row(given, epoch, columns) for epoch in given.gallery.epochs)
    widths = f'<colgroup class="names"></colgroup><colgroup span="{count}"></colgroup>'
    table = f"{widths}<thead>{_head(given, columns)}</thead><tbody>{rows}</tbody>"
    sizes = f'style="--native:{native};--columns:{count}"'
    whole = f'<div class="wide columns-{count}" {sizes}><table class="grid">{table}</table>'
    return f'<div class="fit">{whole}</div></div>'


def _head(given: ReportInput, columns: list[Column]) -> str:
    """Return the names of the prompts over their seeds; one row where there is one seed."""
    seeds = [seed for _, seed in columns]
    many = len(given.gallery.seeds) > 1
    names = []
    for name in dict.fromkeys(name for name, _ in columns):
        wide = sum(one == name for one, _ in columns)
        title = _safe(name).replace("_", "_<wbr>")
        names.append(f'<th scope="colgroup" colspan="{wide}">{title}</th>')
    first = f'<tr><td rowspan="{1 + many}"></td>{"".join(names)}</tr>'
    second = "".join(f'<th scope="col"><small>seed {seed}</small></th>' for seed in seeds)
    return first + (f"<tr>{second}</tr>" if many else "")


def _grid_row(given: ReportInput, epoch: int, columns: list) -> str:
    row = given.scores.epochs[str(epoch)]
    small = "".join(f"<small>{words}</small>" for words in beside_epoch(row))
    mark = ' class="picked"' if epoch == given.chosen else ""
    if mark:
        small = f'<small class="chosen-mark">✓ chosen</small>{small}'
    cells = "".join(_grid_cell(given, epoch, name, seed) for name, seed in columns)
    return f'<tr{mark}><th scope="row">{_safe(epoch_title(epoch))}{small}</th>{cells}</tr>'


def _grid_cell(given: ReportInput, epoch: int, name: str, seed: int | None) -> str:
    image = given.gallery.cells.get((epoch, name, seed))
    source = _data_url(image, given.scores.look) if image else ""
    if image is None or not source:
        return '<td><div class="none">missing</div></td>'
    words = _safe(_kept_together(background_and_colours(given, image.name)))
    verdict = given.scores.verdicts.get(image.name)
    flag = verdict.verdict.replace(" ", "-") if verdict else "unknown"
    title = _safe(f"{image.name}: {verdict.verdict}, {verdict.basis}. {verdict.reason}"
                  if verdict else image.name)  # fmt: skip
    picture = f'<img src="{source}" alt="{_safe(image.name)}" title="{title}">'
    sign = SIGNS.get(flag, "")
    return f'<td class="{flag}">{picture}<small>{sign}{words}</small></td>'


def _kept_together(words: str) -> str:
    """Let a line break between the figures only, not within one."""
    return " ".join(part.replace(" ", "\u00a0") for part in words.split("  "))


def _data_url(image: GalleryImage, look: Look) -> str:
    """Return the native PNG of an image as a data URL, "" when it cannot be read."""
    try:
        cells = read_cells(image.path, look).cells
    except AppError:
        return ""
    data = io.BytesIO()
    Image.fromarray(cells).save(data, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode("ascii")


def _safe(text: str) -> str:
    return html.escape(text, quote=True)
