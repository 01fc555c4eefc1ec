"""What the gallery says about one picture: its cells on the screen and its background in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QColor, QImage

from bespoke_gui.qtmodels.native_loader import Native, to_qimage

if TYPE_CHECKING:
    from bespoke_gui.core.picture_marks import PictureMarks
    from bespoke_gui.core.protocol import Prompt
    from bespoke_gui.core.reference import Reference

DULL, BRIGHT = 0.10, 0.17
DARK, PALE = 0.42, 0.86
FITS, PARTLY = 0.8, 0.3
GREY = 40

Swatches = list[tuple[QColor, int]]


@dataclass(frozen=True)
class BackgroundWords:
    """A background's colour, its name, what the prompt asks for and whether they fit.

    `tone` is "good", "warning", "danger" or "" where the prompt names no plain colour.
    """

    colour: QColor
    name: str
    asked: str
    sentence: str
    tone: str


@dataclass(frozen=True)
class Training:
    """The training set that pictures are held against: `read` on a background thread, where it
    is kept; tau: OKLab distance below which colours of the gallery are merged, 0 for none."""

    read: Callable[[], Reference | None]
    tau: float = 0.0


@dataclass(frozen=True)
class NearWords:
    """The training image a picture is nearest to, and what to say about it."""

    image: QImage
    name: str
    sentence: str


@dataclass(frozen=True)
class Close:
    """One picture looked at closely: as it is in its file, native, its background, its colours,
    its marks, and the training image it is nearest to (None without one of its size)."""

    original: QImage
    native: QImage
    background: BackgroundWords
    palette: Swatches
    marks: PictureMarks
    nearest: NearWords | None


def native_reader(
    native_size: int, downsampler: str, training: Training | None = None
) -> Callable[[Path], Native]:
    """Return a function that reads a picture for the grid; it raises AppError for a bad file.

    training: whose colours a downsampler that locks them goes by.
    """

    def read(path: Path) -> Native:
        from bespoke_gui.core.look import Look, read_cells
        from bespoke_gui.core.pixels.colours import unique_colours

        palette = locked_palette(downsampler, training)
        cells = read_cells(path, Look(native_size, downsampler, palette=palette)).cells
        return Native(to_qimage(cells), unique_colours(cells))

    return read


def locked_palette(downsampler: str, training: Training | None) -> Any:
    """Return the colours, uint8 (n, 3), that a downsampler snaps to; None for the others."""
    from bespoke_gui.core.downsample import DOWNSAMPLERS

    if training is None or not DOWNSAMPLERS[downsampler].locks:
        return None
    reference = training.read()
    return reference.colours if reference else None


def marks_reader(
    native_size: int, downsampler: str, training: Training
) -> Callable[[Path], Native]:
    """Return a function that finds the marks of a picture; it raises AppError for a bad file."""

    def find(path: Path) -> Native:
        from bespoke_gui.core.look import Look, merged, read_cells
        from bespoke_gui.core.picture_marks import picture_marks

        palette = locked_palette(downsampler, training)
        read = read_cells(path, Look(native_size, downsampler, palette=palette))
        cells = merged(read.cells, training.tau)
        return Native(None, marks=picture_marks(cells, training.read()))

    return find


def look_close(
    path: Path, native_size: int, downsampler: str, prompt: Prompt | None, training: Training
) -> Close:
    """Read a picture in full; raises AppError for a bad file."""
    from bespoke_gui.core.cell_difference import palette_of
    from bespoke_gui.core.look import Look, merged, read_cells
    from bespoke_gui.core.picture_marks import picture_marks

    palette = locked_palette(downsampler, training)
    read = read_cells(path, Look(native_size, downsampler, palette=palette))
    large = read.cells if read.large is None else read.large
    asked = prompt.background if prompt else ""
    reference, cells = training.read(), merged(read.cells, training.tau)
    return Close(
        to_qimage(large), to_qimage(read.cells), background_words(read.cells, asked),
        swatches(palette_of(read.cells)), picture_marks(cells, reference),
        _nearest(cells, reference),
    )  # fmt: skip


def _nearest(cells: Any, reference: Reference | None) -> NearWords | None:
    from bespoke_gui.core.nearest_training import COPY, nearest_training

    found = nearest_training(cells, reference) if reference else None
    if found is None:
        return None
    total = found.cells.shape[0] * found.cells.shape[1]
    turned = ", turned over" if found.mirrored else ""
    copy = " It is a copy." if found.nearness >= COPY else ""
    near = f"nearness {found.nearness:.2f}{turned}"
    words = f"{found.differing} of {total} cells differ clearly; {near}.{copy}"
    return NearWords(to_qimage(found.cells), found.path.name, words)


def swatches(palette: list[tuple[tuple[int, int, int], int]]) -> Swatches:
    """Return colours by hue, greys last, dark before light: alike ones lie beside each other."""

    def place(entry: tuple[QColor, int]) -> tuple[bool, int, int]:
        colour = entry[0]
        return colour.hsvSaturation() < GREY, colour.hsvHue() // 20, colour.lightness()

    return sorted(((QColor(*rgb), count) for rgb, count in palette), key=place)


def background_words(cells: Any, asked: str) -> BackgroundWords:
    """Say in words which colour the background of uint8 (rows, columns, 3) has, and if it fits."""
    from bespoke_gui.core.background import colour_match, ring_colour
    from bespoke_gui.core.colour_words import parse_colour
    from bespoke_gui.core.pixels.oklab import srgb_to_oklab

    lab, share = ring_colour(srgb_to_oklab(cells))
    name = colour_name(lab)
    colour = _ring_rgb(cells, lab)
    words = parse_colour(asked)
    if words is None:
        plain = name if share >= 0.6 else f"mostly {name}, not plain"
        return BackgroundWords(colour, name, "", f"{plain}; the prompt names no plain colour", "")
    match = colour_match(lab, words)
    if match >= FITS:
        more = "" if name == asked else f" ({asked})"
        return BackgroundWords(colour, name, asked, f"{name}, as the prompt asks{more}", "good")
    tone = "warning" if match >= PARTLY else "danger"
    return BackgroundWords(colour, name, asked, f"{name}, prompt asks {asked}", tone)


def colour_name(lab: Any) -> str:
    """Return what people call an OKLab colour: its family, and "dull", "dark", "pale", "bright"."""
    from bespoke_gui.core.background import colour_match
    from bespoke_gui.core.colour_words import FAMILIES, parse_colour

    named = [words for words in map(parse_colour, FAMILIES) if words is not None]
    family = max(named, key=lambda words: colour_match(lab, words)).family
    if family in ("black", "white", "grey"):
        return family
    light, chroma = float(lab[0]), float((lab[1] ** 2 + lab[2] ** 2) ** 0.5)
    if light < DARK:
        return f"dark {family}"
    if light > PALE and chroma < BRIGHT:
        return f"pale {family}"
    if family != "brown" and chroma < DULL:
        return f"dull {family}"
    return f"bright {family}" if chroma > BRIGHT and family != "brown" else family


def asked_colour(words: str) -> QColor | None:
    """Return a colour to show for the words a prompt uses ("bright green"), None for none."""
    from bespoke_gui.core.background import HUES
    from bespoke_gui.core.colour_words import parse_colour

    parsed = parse_colour(words)
    if parsed is None:
        return None
    if parsed.family not in HUES:
        level = {"black": 20, "white": 248}.get(parsed.family, 128)
        return QColor(level, level, level)
    chroma = 0.19 if parsed.vivid else 0.13
    chroma = 0.09 if parsed.family == "brown" else chroma
    light = 0.45 if parsed.dark else 0.85 if parsed.light else 0.75 if parsed.vivid else 0.65
    light = 0.5 if parsed.family == "brown" and not parsed.light else light
    return _from_oklch(light, chroma, HUES[parsed.family])


def _from_oklch(light: float, chroma: float, hue: float) -> QColor:
    """Return the sRGB colour of OKLCh (Ottosson 2020), clipped to what a screen shows."""
    import math

    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    cube = [
        (light + 0.3963377774 * a + 0.2158037573 * b) ** 3,
        (light - 0.1055613458 * a - 0.0638541728 * b) ** 3,
        (light - 0.0894841775 * a - 1.2914855480 * b) ** 3,
    ]
    rows = (
        (4.0767416621, -3.3077115913, 0.2309699292),
        (-1.2684380046, 2.6097574011, -0.3413193965),
        (-0.0041960863, -0.7034186147, 1.7076147010),
    )
    linear = [sum(weight * value for weight, value in zip(row, cube, strict=True)) for row in rows]
    return QColor(*[_gamma(value) for value in linear])


def _gamma(linear: float) -> int:
    value = min(1.0, max(0.0, linear))
    bent = 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
    return round(255 * bent)


def _ring_rgb(cells: Any, lab: Any) -> QColor:
    """Return the real colour of the ring that is nearest to its densest OKLab colour."""
    import numpy as np

    from bespoke_gui.core.background import ring
    from bespoke_gui.core.pixels.oklab import srgb_to_oklab

    colours = ring(cells)
    nearest = int(np.square(srgb_to_oklab(colours) - lab).sum(axis=1).argmin())
    return QColor(*(int(value) for value in colours[nearest]))
