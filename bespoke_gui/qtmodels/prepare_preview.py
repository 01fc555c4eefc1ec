"""What preparing does: one image before and after with their difference, and the whole set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from bespoke_gui.core.dataset import Item
from bespoke_gui.core.prepared.records import Settings
from bespoke_gui.qtmodels.picture import to_qimage
from bespoke_gui.qtmodels.tasks import TaskContext

if TYPE_CHECKING:
    import numpy as np

    from bespoke_gui.core.prepared.judge import Resizing
    from bespoke_gui.core.prepared.survey import Found, Survey

CHANGED = (255, 48, 112)
_LONE = 16
_CROP = 3  # cells that are still shown together
SAMPLE = 16  # images that a method's figures are taken from while it is not the chosen one


@dataclass(frozen=True)
class Method:
    """A resize method as the panel offers it."""

    name: str
    title: str
    hint: str
    pixel_true: bool


@dataclass(frozen=True)
class Preview:
    """One image before and after; `changed` marks pixels, `heat` cells that are not native.

    differing: how many pixels of the result those are. columns, rows: cells, 0 without a grid.
    asks: it has pixels off the grid; action: what was decided about them. resampled: the source
    holds foreign pixels in many cells.
    """

    name: str
    before: QImage
    after: QImage
    changed: QImage
    heat: QImage
    differing: int
    colours_before: int
    colours_after: int
    native_exact: bool
    note: str
    columns: int
    rows: int
    cells_damaged: int
    asks: bool
    action: str
    resampled: bool

    @property
    def pixels(self) -> int:
        """How many pixels the result has."""
        return self.after.width() * self.after.height()


@dataclass(frozen=True)
class ImageFigures:
    """What preparing does to one image. cells: in all, 0 without a grid."""

    name: str
    colours_before: int
    colours_after: int
    native_exact: bool
    note: str
    cells: int = 0
    cells_damaged: int = 0
    native_colours: int = 0
    asks: bool = False
    source_damaged: bool = False
    transparent: bool = False


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

    def cells(self) -> tuple[int, int]:
        """How many cells do not show what was drawn, and how many there are."""
        damaged = sum(image.cells_damaged for image in self.images)
        return damaged, sum(image.cells for image in self.images)

    def asking(self) -> list[str]:
        """Return the images with pixels off the grid."""
        return [image.name for image in self.images if image.asks]

    def resampled(self) -> list[ImageFigures]:
        """Return the images that are pixel art which was resampled or compressed."""
        return [image for image in self.images if image.source_damaged]

    def recovered(self) -> int:
        """How many resampled images come out as their native pixels and nothing else."""
        return sum(not image.cells_damaged for image in self.resampled())

    def mean_drawn(self) -> float:
        """Mean number of colours an artist drew: native ones where an image was resampled."""
        return _mean(
            [i.native_colours if i.source_damaged else i.colours_before for i in self.images]
        )

    def mostly_resampled(self) -> bool:
        """Whether that are more than half of them."""
        return 2 * len(self.resampled()) > len(self.images)

    def has_transparent(self) -> bool:
        """Whether some image is transparent somewhere."""
        return any(image.transparent for image in self.images)

    def noted(self) -> list[tuple[str, str]]:
        """Return name and note of every image that is not exact, unreadable ones first."""
        notes = [(i.name, i.note or "not exact") for i in self.images if not i.native_exact]
        return [*self.failed, *notes]


def load_methods() -> list[Method]:
    """Return all resize methods, those that invent no colour first."""
    from bespoke_gui.core.resize import RESIZERS

    found = [Method(m.name, m.title, m.hint, m.pixel_true) for m in RESIZERS.values()]
    return sorted(found, key=lambda m: (m.name != "pixel", not m.pixel_true, m.title))


def preview_image(survey: Survey, item: Item, settings: Settings, action: str) -> Preview:
    """Prepare one image in memory; raises AppError when it cannot be read."""
    from bespoke_gui.core.prepared.difference import cell_heat, changed_pixels

    resizing = survey.resizing(item.image, settings, action)
    after = resizing.run()
    verdict = resizing.judge(after)
    changed = changed_pixels(resizing, after)
    heat = cell_heat(resizing, changed)
    grid = resizing.source.grid
    return Preview(
        item.name,
        to_qimage(resizing.source.rgb),
        to_qimage(after),
        to_qimage(_marked(after, changed.astype(float))),
        to_qimage(_marked(after, changed.astype(float) if heat is None else heat)),
        int(changed.sum()),
        verdict.colours_before,
        verdict.colours_after,
        verdict.native_exact,
        verdict.note,
        grid.columns if grid else 0,
        grid.rows if grid else 0,
        verdict.cells_damaged,
        resizing.source.asks,
        action,
        resizing.source.damaged,
    )


def measure_set(
    survey: Survey,
    items: Sequence[Item],
    settings: Settings,
    actions: Mapping[str, str],
    context: TaskContext,
) -> SetFigures:
    """Prepare every image in memory and keep the figures; ends early when cancelled."""
    figures = SetFigures()
    looks = survey.look(items, settings, actions, context.check)
    for done, found in enumerate(looks, 1):
        _take(figures, found)
        context.progress(done, len(items), found.name)
    return figures


def sample_methods(
    survey: Survey,
    items: Sequence[Item],
    settings: Mapping[str, Settings],
    told: Callable[[str, float, float], object],
    context: TaskContext,
) -> None:
    """Tell each method's mean colours as drawn and after, of images spread over the set."""
    from bespoke_gui.core.prepared.survey import spread

    some = spread(items, SAMPLE)
    for name, wanted in settings.items():
        figures = SetFigures()
        for found in survey.look(some, wanted, {}, context.check):
            _take(figures, found)
        if figures.images:
            told(name, figures.mean_drawn(), figures.mean_after())


def _take(figures: SetFigures, found: Found) -> None:
    verdict = found.verdict
    if verdict is None:
        figures.failed.append((found.name, found.problem))
        return
    figures.images.append(
        ImageFigures(
            found.name,
            verdict.colours_before,
            verdict.colours_after,
            verdict.native_exact,
            verdict.note,
            verdict.cells,
            verdict.cells_damaged,
            found.native_colours,
            found.asks,
            found.damaged,
            found.transparent,
        )
    )


def _marked(after: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Return the picture in pale grey, marked by `strength` (height, width), 0 to 1."""
    import numpy as np

    grey = after.mean(axis=-1, keepdims=True) * 0.35 + 150
    # A trace of change is seen as well: from 0 the mark starts at a third.
    share = np.where(strength > 0, 0.33 + 0.67 * strength, 0.0)[..., None]
    return (grey * (1 - share) + np.array(CHANGED) * share).round().astype(np.uint8)


def off_grid_crops(resizing: Resizing) -> tuple[QImage, QImage, QImage]:
    """Return the cells round the first pixels off the grid: as drawn, flattened, and marked."""
    import numpy as np

    from bespoke_gui.core.pixels.sampling import paint

    source = resizing.source
    grid, cells = source.grid, source.cells
    if grid is None or cells is None or not source.stray_cells:
        return QImage(), QImage(), QImage()
    flat = paint(cells, grid, *source.picture.size)
    marks = np.zeros(flat.shape[:2])
    ys, xs = source.strays
    # A few lone pixels would not be seen: their neighbours are marked a little as well.
    for step in range(9 if len(ys) <= _LONE else 0):
        down = np.clip(ys + step // 3 - 1, 0, len(flat) - 1)
        marks[down, np.clip(xs + step % 3 - 1, 0, flat.shape[1] - 1)] = 0.3
    marks[source.strays] = 1.0
    first = source.stray_cells[0]
    near = [
        cell
        for cell in source.stray_cells
        if abs(cell.column - first.column) < _CROP and abs(cell.row - first.row) < _CROP
    ]
    columns, rows = [cell.column for cell in near], [cell.row for cell in near]
    across = _pixels(columns, grid.columns, grid.offset_x, grid.cell_width)
    down = _pixels(rows, grid.rows, grid.offset_y, grid.cell_height)
    shown = (source.rgb, flat, _marked(flat, marks))
    drawn, flattened, marked = (
        to_qimage(np.ascontiguousarray(part[down, across])) for part in shown
    )
    return drawn, flattened, marked


def _pixels(cells: list[int], count: int, offset: float, size: float) -> slice:
    """Return the pixels of these cells and one more on either side."""
    first, last = max(0, min(cells) - 1), min(count, max(cells) + 2)
    return slice(max(0, round(offset + first * size)), round(offset + last * size))


def _mean(numbers: Sequence[int]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0
