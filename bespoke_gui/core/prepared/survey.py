"""Survey of a set: each image decoded once, then judged at any size and method in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from bespoke_gui.core.dataset import Item
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.imagefile import load, over
from bespoke_gui.core.pixels.gridtype import Grid
from bespoke_gui.core.pixels.sampling import paint
from bespoke_gui.core.prepared.judge import Resizing, Source, Verdict, read_source
from bespoke_gui.core.prepared.off_grid import ASK
from bespoke_gui.core.prepared.records import LARGEST, Native, Settings

# Images with more foreign pixels than this are read again instead of being remembered.
_MOST_STRAYS = 4096


@dataclass(frozen=True)
class _Known:
    """A picture without its pixels: cells and strays are enough to draw it again."""

    stamp: tuple[int, int]
    size: tuple[int, int]
    found: Grid
    cells: np.ndarray
    strays: tuple[np.ndarray, np.ndarray]
    colours: np.ndarray
    transparent: bool

    def source(self) -> Source:
        rgb = paint(self.cells, self.found, *self.size)
        rgb[self.strays] = self.colours
        return Source(Image.fromarray(rgb), self.found, self.found, self.cells, self.strays)


@dataclass(frozen=True)
class Found:
    """One image of the survey: its verdict, or why it cannot be read."""

    name: str
    verdict: Verdict | None
    columns: int = 0
    rows: int = 0
    native_colours: int = 0
    damaged: bool = False
    asks: bool = False
    transparent: bool = False
    problem: str = ""


class Survey:
    """Reads images of a set, and remembers native cells: 2 kB an image instead of 1 MB.

    native: cells along the longer side, or "auto"; background: below transparent pixels.
    """

    def __init__(self, native: Native, background: tuple[int, int, int]) -> None:
        self._settings = Settings(LARGEST, native=native, background=background)
        self._known: dict[Path, _Known] = {}

    def fits(self, native: Native, background: tuple[int, int, int]) -> bool:
        """Say whether what is remembered holds for these settings."""
        return (native, background) == (self._settings.native, self._settings.background)

    def source(self, path: Path) -> tuple[Source, bool]:
        """Return a picture with its grid, and whether it is transparent. Raises AppError."""
        known = self._known.get(path)
        stamp = _stamp(path)
        if known is not None and known.stamp == stamp:
            return known.source(), known.transparent
        image = load(path).image
        source = read_source(over(image, self._settings.background), self._settings)
        transparent = image.mode == "RGBA"
        if source.cells is not None and len(source.strays[0]) <= _MOST_STRAYS:
            colours = source.rgb[source.strays].copy()
            self._known[path] = _Known(
                stamp,
                source.picture.size,
                source.found,
                source.cells,
                source.strays,
                colours,
                transparent,
            )
        return source, transparent

    def resizing(self, path: Path, settings: Settings, action: str = ASK) -> Resizing:
        """Return the image on its way to a size. Raises AppError."""
        source, _ = self.source(path)
        return Resizing(_fitted(source, settings), settings, action)

    def look(
        self,
        items: Sequence[Item],
        settings: Settings,
        actions: Mapping[str, str],
        go_on: Callable[[], object],
    ) -> Iterator[Found]:
        """Yield what becomes of each image; `go_on` is asked before each and may raise."""
        for item in items:
            go_on()
            yield self._found(item, settings, actions.get(item.name, ASK))

    def _found(self, item: Item, settings: Settings, action: str) -> Found:
        try:
            source, transparent = self.source(item.image)
            source = _fitted(source, settings)
            resizing = Resizing(source, settings, action)
            verdict = resizing.judge(resizing.run())
        except AppError as error:
            return Found(item.name, None, problem=error.message)
        columns, rows = (source.found.columns, source.found.rows) if source.grid else (0, 0)
        return Found(
            item.name,
            verdict,
            columns,
            rows,
            source.native_colours,
            source.damaged,
            source.asks,
            transparent,
        )


def native_of(items: Sequence[Item]) -> int | None:
    """Return the cells along the longer side that most of these images have as found.

    None where no grid is sure in most of them. Raises nothing: unreadable images do not count.
    """
    found: Counter[int] = Counter()
    settings = Settings(LARGEST)
    for item in items:
        try:
            grid = read_source(over(load(item.image).image), settings).grid
        except AppError:
            continue
        if grid is not None:
            found[max(grid.columns, grid.rows)] += 1
    native, count = found.most_common(1)[0] if found else (0, 0)
    return native if 2 * count > len(items) else None


def spread(items: Sequence[Item], count: int) -> list[Item]:
    """Return at most `count` items spread over the whole list."""
    if len(items) <= count:
        return list(items)
    return [items[at * len(items) // count] for at in range(count)]


def _fitted(source: Source, settings: Settings) -> Source:
    """Forget the grid of a picture whose cells find no room in the size asked for."""
    if source.grid is None or max(source.grid.columns, source.grid.rows) <= settings.size:
        return source
    none = np.empty(0, int), np.empty(0, int)
    return Source(source.picture, source.found, None, None, none)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return found.st_mtime_ns, found.st_size
