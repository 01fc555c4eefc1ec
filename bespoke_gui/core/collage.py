"""Collage: every epoch by every prompt in one picture, native cells at integer zoom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.fonts import font_for
from bespoke_gui.core.gallery import Gallery, epoch_title
from bespoke_gui.core.look import Look, read_cells
from bespoke_gui.core.score import look_of

BACKGROUND = (250, 250, 249)
INK = (28, 28, 30)
FAINT = (112, 112, 118)
CHOSEN = (20, 110, 90)
MISSING = (232, 232, 230)
GAP = 8
MARGIN = 16
TEXT = 12
LINE = 16

Column = tuple[str, int | None]


@dataclass(frozen=True)
class CollageText:
    """Words beside the pictures. under: image name -> short text; beside: epoch -> lines."""

    title: str = ""
    under: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[int, Sequence[str]] = field(default_factory=dict)
    foot: Sequence[str] = ()
    chosen: int | None = None


def columns_of(gallery: Gallery) -> list[Column]:
    """Return the columns of a grid: each prompt, and under it each seed that it has."""
    present = {(image.prompt, image.seed) for image in gallery.images()}
    return [(name, seed) for name in gallery.prompts for seed in gallery.seeds
            if (name, seed) in present]  # fmt: skip


def collage(
    gallery: Gallery, scale: int = 4, look: Look | None = None, text: CollageText | None = None
) -> Image.Image:
    """Return an RGB picture, rows are epochs and columns prompts; one cell is scale x scale px.

    Nearest only, so that every cell keeps its true colour. An image that cannot be read or is
    missing is a grey field. Raises AppError when `scale` is not 1 to 32.
    """
    if not 1 <= scale <= 32:
        raise AppError(f"a zoom of {scale} is not 1 to 32", kind="usage")
    look, text = look or look_of(gallery), text or CollageText()
    return _Painter(gallery, scale, look, text).paint()


class _Painter:
    def __init__(self, gallery: Gallery, scale: int, look: Look, text: CollageText) -> None:
        self.gallery, self.scale, self.look, self.text = gallery, scale, look, text
        words = self._words()
        self.font, self.title_font = font_for(words, TEXT), font_for(words, 15)
        self.columns = columns_of(gallery)
        self.side = look.native_size * scale
        self.step_x = max(self.side, 72) + GAP
        self.step_y = self.side + GAP + (LINE if text.under else 0)
        self.left = MARGIN + self._label_width()
        self.top = MARGIN + (LINE + GAP if text.title else 0) + 2 * LINE + GAP // 2

    def paint(self) -> Image.Image:
        rows = len(self.gallery.epochs)
        width = self.left + len(self.columns) * self.step_x - GAP + MARGIN
        lines = self._wrapped(max(width, 240) - 2 * MARGIN)
        foot = len(lines) * LINE + (2 * GAP if lines else 0)
        height = self.top + rows * self.step_y - GAP + foot + MARGIN
        self.image = Image.new("RGB", (max(width, 240), height), BACKGROUND)
        self.draw = ImageDraw.Draw(self.image)
        if self.text.title:
            self.draw.text((MARGIN, MARGIN), self.text.title, INK, self.title_font)
        self._headers()
        for row, epoch in enumerate(self.gallery.epochs):
            self._row(epoch, self.top + row * self.step_y)
        for number, line in enumerate(lines):
            y = height - MARGIN - (len(lines) - number) * LINE
            self.draw.text((MARGIN, y), line, FAINT, self.font)
        return self.image

    def _words(self) -> str:
        """Return everything that is written, to choose a font by."""
        text = self.text
        beside = [line for lines in text.beside.values() for line in lines]
        return "".join(
            [text.title, *text.under.values(), *beside, *text.foot, *self.gallery.prompts]
        )

    def _wrapped(self, width: int) -> list[str]:
        """Return the lines at the foot, broken between words where they are too wide."""
        lines: list[str] = []
        for whole in self.text.foot:
            line = ""
            for word in whole.split():
                longer = f"{line} {word}".strip()
                if line and self.font.getlength(longer) > width:
                    lines.append(line)
                    longer = word
                line = longer
            lines.append(line)
        return lines

    def _headers(self) -> None:
        many = len(self.gallery.seeds) > 1
        for column, (prompt, seed) in enumerate(self.columns):
            x = self.left + column * self.step_x
            first, second = self._two_lines(prompt)
            if many:
                first, second = self._cut(prompt), f"seed {seed}"
            y = self.top - 2 * LINE - GAP // 2
            self.draw.text((x, y), first, INK, self.font)
            self.draw.text((x, y + LINE), second, FAINT if many else INK, self.font)

    def _row(self, epoch: int, y: int) -> None:
        colour = CHOSEN if epoch == self.text.chosen else INK
        lines = [epoch_title(epoch), *self.text.beside.get(epoch, ())]
        if epoch == self.text.chosen:
            lines.insert(1, "chosen")
        for number, line in enumerate(lines):
            ink = colour if number == 0 or line == "chosen" else FAINT
            self.draw.text((MARGIN, y + number * LINE), line, ink, self.font)
        for column, (prompt, seed) in enumerate(self.columns):
            self._cell((epoch, prompt, seed), self.left + column * self.step_x, y)

    def _cell(self, key: tuple[int, str, int | None], x: int, y: int) -> None:
        image = self.gallery.cells.get(key)
        picture = None if image is None else self._picture(image.path)
        if picture is None:
            self.draw.rectangle((x, y, x + self.side - 1, y + self.side - 1), MISSING)
            return
        self.image.paste(picture, (x, y))
        words = self.text.under.get(image.name if image else "", "")
        self.draw.text((x, y + self.side + 1), words, FAINT, self.font)

    def _picture(self, path) -> Image.Image | None:
        try:
            cells = read_cells(path, self.look).cells
        except AppError:
            return None
        return enlarged(cells, self.scale)

    def _label_width(self) -> int:
        lines = [line for words in self.text.beside.values() for line in words]
        lines += [epoch_title(epoch) for epoch in self.gallery.epochs]
        return max(round(self.font.getlength(line)) for line in lines) + 2 * GAP

    def _two_lines(self, name: str) -> tuple[str, str]:
        """Break a prompt's name at an underscore where it is too wide for its column."""
        if self._fits(name):
            return "", name
        words = name.split("_")
        for split in range(len(words) - 1, 0, -1):
            first = "_".join(words[:split])
            if self._fits(first):
                return first, self._cut("_" + "_".join(words[split:]))
        return "", self._cut(name)

    def _fits(self, text: str) -> bool:
        return self.font.getlength(text) <= self.step_x - 4

    def _cut(self, text: str) -> str:
        if self._fits(text):
            return text
        while text and not self._fits(text + "..."):
            text = text[:-1]
        return text + "..."


def enlarged(cells: np.ndarray, scale: int) -> Image.Image:
    """Return uint8 (rows, columns, 3) as a picture with scale x scale pixels a cell."""
    return Image.fromarray(cells.repeat(scale, axis=0).repeat(scale, axis=1))
