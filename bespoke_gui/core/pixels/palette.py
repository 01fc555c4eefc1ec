"""Palettes: read from .gpl, .hex or an image, and cells snapped to their nearest colour."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.imagefile import read_rgb
from bespoke_gui.core.pixels.codes import pack, unpack
from bespoke_gui.core.pixels.oklab import srgb_to_oklab

MOST_COLOURS = 4096
Colour = tuple[int, int, int]
_HEX = re.compile(r"\s*#?([0-9a-fA-F]{6})(?:[0-9a-fA-F]{2})?\s*")
_GPL = re.compile(r"\s*(\d+)\s+(\d+)\s+(\d+)(?:\s.*)?")


def read_palette(path: Path) -> np.ndarray:
    """Return uint8 (n, 3): the colours of a GIMP palette, a .hex list, or all of an image.

    Colours keep their order; those of an image come as they are met, row by row.

    Raises AppError when there is no colour in it, a line makes no sense, or there are too many.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".gpl":
        colours = _lines(path, _gpl_colour)
    elif suffix in (".hex", ".txt"):
        colours = _lines(path, _hex_colour)
    else:
        codes, first = np.unique(pack(read_rgb(path)), return_index=True)
        colours = unpack(codes[np.argsort(first)])
    if not len(colours):
        raise AppError("holds no colours", file=path, hint="use a .gpl, .hex or .png palette")
    if len(colours) > MOST_COLOURS:
        hint = "use a palette image, not a photograph"
        raise AppError(f"holds {len(colours)} colours, too many", file=path, hint=hint)
    return colours


def snap(cells: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Return uint8 (..., 3): each colour of `cells` as the nearest of `palette` in OKLab."""
    codes, where = np.unique(pack(cells), return_inverse=True)
    lab = srgb_to_oklab(unpack(codes)).astype(np.float64)
    targets = srgb_to_oklab(palette).astype(np.float64)
    # |lab|² is the same for each target: it decides nothing.
    nearest = ((targets * targets).sum(1) - 2 * lab @ targets.T).argmin(axis=1)
    return palette[nearest][where.reshape(cells.shape[:-1])]


def _lines(path: Path, parse: Callable[[str, list[Colour]], bool]) -> np.ndarray:
    try:
        text = Path(path).read_text("utf-8-sig", errors="replace")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"cannot be read: {reason}", file=path, hint="check the path") from error
    colours: list[Colour] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not parse(line, colours):
            raise AppError(f"line {number} is no colour: {line.strip()[:40]}", file=path)
    return np.array(colours, dtype=np.uint8).reshape(-1, 3)


def _hex_colour(line: str, colours: list[Colour]) -> bool:
    if line.lstrip().startswith(";"):
        return True
    match = _HEX.fullmatch(line)
    if match is None:
        return False
    red, green, blue = bytes.fromhex(match[1])
    colours.append((red, green, blue))
    return True


def _gpl_colour(line: str, colours: list[Colour]) -> bool:
    text = line.strip()
    if (
        text.startswith("#")
        or text == "GIMP Palette"
        or re.match(r"(Name|Columns|Channels):", text)
    ):
        return True
    match = _GPL.fullmatch(line)
    if match is None:
        return False
    red, green, blue = (int(value) for value in match.groups())
    if max(red, green, blue) > 255:
        return False
    colours.append((red, green, blue))
    return True
