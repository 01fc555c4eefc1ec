"""Preview of preparing: one image before and after with their difference, and the whole set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from bespoke_gui.core.dataset import Item
from bespoke_gui.core.errors import AppError
from bespoke_gui.qtmodels.picture import to_qimage
from bespoke_gui.qtmodels.tasks import TaskContext

if TYPE_CHECKING:
    import numpy as np

    from bespoke_gui.core.prepared.judge import Source
    from bespoke_gui.core.prepared.records import Settings

CHANGED = (255, 48, 112)


@dataclass(frozen=True)
class Method:
    """A resize method as the panel offers it."""

    name: str
    title: str
    hint: str
    pixel_true: bool


@dataclass(frozen=True)
class Preview:
    """One image before and after. `difference` shows what the result holds beyond native pixels.

    differing: how many pixels of the result those are, of `pixels`. cell: px a native pixel
    becomes, 0 when they differ or there is no grid.
    """

    name: str
    before: QImage
    after: QImage
    difference: QImage
    differing: int
    colours_before: int
    colours_after: int
    native_exact: bool
    note: str
    columns: int
    rows: int

    @property
    def pixels(self) -> int:
        """How many pixels the result has."""
        return self.after.width() * self.after.height()


@dataclass(frozen=True)
class ImageFigures:
    """What preparing does to one image."""

    name: str
    colours_before: int
    colours_after: int
    native_exact: bool
    note: str


@dataclass
class SetFigures:
    """What preparing does, or did, to the whole set; `failed` says which images cannot be read."""

    images: list[ImageFigures] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)

    def mean_before(self) -> float:
        """Mean number of colours of an image as it is."""
        return _mean([image.colours_before for image in self.images])

    def mean_after(self) -> float:
        """Mean number of colours of an image when prepared."""
        return _mean([image.colours_after for image in self.images])

    def exact(self) -> int:
        """How many images keep exactly their native pixels."""
        return sum(image.native_exact for image in self.images)

    def noted(self) -> list[tuple[str, str]]:
        """Return name and note of every image that is not exact, unreadable ones first."""
        notes = [(i.name, i.note or "not exact") for i in self.images if not i.native_exact]
        return [*self.failed, *notes]


def load_methods() -> list[Method]:
    """Return all resize methods, those that invent no colour first."""
    from bespoke_gui.core.resize import RESIZERS

    found = [Method(m.name, m.title, m.hint, m.pixel_true) for m in RESIZERS.values()]
    return sorted(found, key=lambda m: (m.name != "pixel", not m.pixel_true, m.title))


def preview_image(item: Item, settings: Settings) -> Preview:
    """Prepare one image in memory; raises AppError when it cannot be read."""
    from bespoke_gui.core.prepared.judge import Resizing

    source = _read(item.image, settings)
    resizing = Resizing(source, settings)
    after = resizing.run()
    verdict = resizing.judge(after)
    shown, differing = _difference(source, after)
    grid = source.grid
    return Preview(
        item.name,
        to_qimage(source.rgb),
        to_qimage(after),
        to_qimage(shown),
        differing,
        verdict.colours_before,
        verdict.colours_after,
        verdict.native_exact,
        verdict.note,
        grid.columns if grid else 0,
        grid.rows if grid else 0,
    )


def measure_set(items: Sequence[Item], settings: Settings, context: TaskContext) -> SetFigures:
    """Prepare every image in memory and keep the figures; ends early when cancelled."""
    from bespoke_gui.core.prepared.judge import Resizing

    figures = SetFigures()
    for done, item in enumerate(items, 1):
        context.check()
        try:
            resizing = Resizing(_read(item.image, settings), settings)
            found = resizing.judge(resizing.run())
            figures.images.append(
                ImageFigures(
                    item.name,
                    found.colours_before,
                    found.colours_after,
                    found.native_exact,
                    found.note,
                )
            )
        except AppError as error:
            figures.failed.append((item.name, error.message))
        context.progress(done, len(items), item.name)
    return figures


def _read(path: Path, settings: Settings) -> Source:
    from bespoke_gui.core.imagefile import open_image, over
    from bespoke_gui.core.prepared.judge import read_source

    return read_source(over(open_image(path), settings.background), settings)


def _difference(source: Source, after: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the result in pale grey with every pixel marked that is no native pixel's colour.

    Without a grid the plain nearest neighbour resize stands for the native pixels.
    """
    import numpy as np

    from bespoke_gui.core.resize import RESIZERS
    from bespoke_gui.core.resize.pixel import enlarge

    size = (after.shape[1], after.shape[0])
    if source.cells is None:
        wanted = RESIZERS["nearest"].run(source.rgb, size, None)
    else:
        wanted = enlarge(source.cells, size)
    wrong = (wanted != after).any(axis=-1)
    grey = after.mean(axis=-1, keepdims=True) * 0.35 + 150
    shown = np.repeat(grey, 3, axis=-1).astype(np.uint8)
    shown[wrong] = CHANGED
    return shown, int(wrong.sum())


def _mean(numbers: Sequence[int]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0
