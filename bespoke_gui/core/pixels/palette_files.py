"""Palette files: GIMP palette, list of hex codes (as Lospec gives them) and PNG strip, written."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from bespoke_gui.core import atomic
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.pixels.palette import MOST_COLOURS

GPL_COLUMNS = 16
SUFFIXES = (".gpl", ".hex", ".png")


def write_palette(
    path: Path, colours: np.ndarray, name: str = "", notes: Sequence[str] = ()
) -> None:
    """Write uint8 (n, 3) in the format that the suffix of `path` names; `read_palette` reads it.

    notes: words for each colour, for the formats that have room for them. Raises AppError for
    another suffix (kind "usage"), without a colour, or when the file cannot be written.
    """
    path = Path(path)
    encode = _FORMATS.get(path.suffix.lower())
    if encode is None:
        hint = f"end it in {', '.join(SUFFIXES)}"
        raise AppError("is no palette file's name", file=path, hint=hint, kind="usage")
    if not len(colours):
        raise AppError("there are no colours to write", file=path, hint="name images with a grid")
    if len(colours) > MOST_COLOURS:
        message = f"would hold {len(colours)} colours, more than {MOST_COLOURS}"
        raise AppError(message, file=path, hint="merge more of them: a larger --merge")
    atomic.write_bytes(path, encode(colours, name or path.stem, notes))


def as_gpl(colours: np.ndarray, name: str, notes: Sequence[str] = ()) -> bytes:
    """Return uint8 (n, 3) as a GIMP palette (version 2), which Aseprite and Krita read as well."""
    title = " ".join(name.split())
    lines = ["GIMP Palette", f"Name: {title}", f"Columns: {GPL_COLUMNS}", "#"]
    for place, (red, green, blue) in enumerate(colours.tolist()):
        note = notes[place] if place < len(notes) else f"#{red:02x}{green:02x}{blue:02x}"
        lines.append(f"{red:3d} {green:3d} {blue:3d}\t{note}")
    return ("\n".join(lines) + "\n").encode()


def as_hex(colours: np.ndarray, name: str = "", notes: Sequence[str] = ()) -> bytes:
    """Return uint8 (n, 3) as one `rrggbb` a line, as Lospec's downloads are."""
    return "".join(f"{bytes(colour).hex()}\n" for colour in colours).encode()


def as_png(colours: np.ndarray, name: str = "", notes: Sequence[str] = ()) -> bytes:
    """Return uint8 (n, 3) as a PNG of n x 1 pixels, in order, as Aseprite and Lospec do."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(colours, np.uint8)[None]).save(file, "PNG")
    return file.getvalue()


_FORMATS: dict[str, Callable[[np.ndarray, str, Sequence[str]], bytes]] = {
    ".gpl": as_gpl,
    ".hex": as_hex,
    ".png": as_png,
}
