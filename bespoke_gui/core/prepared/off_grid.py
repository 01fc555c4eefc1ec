"""Off-grid pixels an artist drew: kept as drawn, flattened, or the image left out."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bespoke_gui.core import atomic
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.pixels.gridtype import Grid
from bespoke_gui.core.pixels.sampling import owners
from bespoke_gui.core.prepared.layout import Layout
from bespoke_gui.core.prepared.records import DECISIONS, Decision

FILE_NAME = "off_grid.toml"
ASK = "ask"
_HEAD = """\
# What becomes of images with pixels off the grid when a set is prepared:
# "keep" them as drawn, "flatten" each cell to its main colour, or "leave_out" the image.
# A decision holds for the file with this SHA-256; after a change of the image it is asked again.
"""


def read_decisions(project: Path) -> dict[str, Decision]:
    """Return the decisions of a project by image name; raises AppError for a broken file."""
    path = Path(project) / FILE_NAME
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        found = {name: Decision(entry["decision"], entry["sha256"]) for name, entry in data.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "correct it, or delete it to be asked again"
        raise AppError(f"cannot be read: {error}", file=path, hint=hint) from error
    for name, decision in found.items():
        require_action(decision.action, f"{path}: {name}")
    return found


def write_decisions(project: Path, decisions: Mapping[str, Decision]) -> None:
    """Write the decisions of a project; without any the file goes. Raises AppError."""
    path = Path(project) / FILE_NAME
    if not decisions:
        path.unlink(missing_ok=True)
        return
    parts = [
        f"\n[{_quoted(name)}]\n"
        f"decision = {_quoted(decision.action)}\nsha256 = {_quoted(decision.sha256)}\n"
        for name, decision in sorted(decisions.items())
    ]
    atomic.write_text(path, _HEAD + "".join(parts))


def _quoted(text: str) -> str:
    """Return a TOML basic string: as in JSON, but that JSON leaves DEL as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def require_action(action: str, where: str = "") -> None:
    """Raise AppError (kind "usage") when there is no such decision."""
    if action not in DECISIONS:
        raise AppError(
            f"{action!r} is no decision about pixels off the grid",
            file=where,
            hint=f"use {', '.join(DECISIONS)}",
            kind="usage",
        )


def keep_strays(
    written: np.ndarray,
    layout: Layout,
    rgb: np.ndarray,
    grid: Grid,
    strays: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """Return `written` with the pixels `strays` (ys, xs) of `rgb` drawn at their place.

    written, rgb: uint8 (height, width, 3), resized and source; ys, xs: int (n,).

    A stray keeps its place inside its cell. Enlarged it covers what it covered; made smaller it
    stays at least one pixel, so that nothing the artist drew is gone.
    """
    kept = written.copy()
    ys, xs = strays
    down = _spans(ys, grid.rows, grid.cell_height, grid.offset_y, len(rgb), layout, True)
    across = _spans(xs, grid.columns, grid.cell_width, grid.offset_x, rgb.shape[1], layout, False)
    for y, x, (top, bottom), (left, right) in zip(ys, xs, down, across, strict=True):
        kept[top:bottom, left:right] = rgb[y, x]
    return kept


def _spans(
    places: np.ndarray,
    count: int,
    size: float,
    offset: float,
    length: int,
    layout: Layout,
    down: bool,
) -> list[tuple[int, int]]:
    """Return the pixels of the new picture, from and to, that each old pixel covers."""
    cells = owners(count, size, offset, length)[places]
    starts = _starts(layout, down)
    inside = (places - (offset + cells * size)) / size
    low, room = starts[cells], starts[cells + 1] - starts[cells]
    first = low + np.clip(np.round(inside * room), 0, room - 1).astype(int)
    last = low + np.clip(np.round((inside + 1 / size) * room), 1, room).astype(int)
    return list(zip(first.tolist(), np.maximum(last, first + 1).tolist(), strict=True))


def _starts(layout: Layout, down: bool) -> np.ndarray:
    """Return int (cells + 1,): where each cell begins in the new picture, and the last ends."""
    count, length = (layout.rows, layout.height) if down else (layout.columns, layout.width)
    if layout.cell:
        return (layout.top if down else layout.left) + layout.cell * np.arange(count + 1)
    owner = owners(count, length / count, 0.0, length)
    return np.searchsorted(owner, np.arange(count + 1))
