"""The reference set: the training images at their native size, and what is usual among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bespoke_gui.core.cell_marks import edge_bits, orphans
from bespoke_gui.core.downsample import DOWNSAMPLERS
from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.look import Look, read_cells
from bespoke_gui.core.pixels.codes import pack, unpack
from bespoke_gui.core.pixels.merge import GENERATION_TAU, merge_palette, needs_merge
from bespoke_gui.core.pixels.native import needed
from bespoke_gui.core.pixels.oklab import srgb_to_oklab
from bespoke_gui.core.style_distance import StyleReference

if TYPE_CHECKING:
    from bespoke_gui.core.dataset import Item

Shape = tuple[int, int]


@dataclass
class Reference:
    """Training images: `cells` are uint8 (rows, columns, 3), merged where the set needs it.

    Sizes may differ; an image is compared with those of its own size. `paths` are the files,
    `captions` their texts ("" where there is none).
    """

    cells: list[np.ndarray]
    paths: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)

    @cached_property
    def style(self) -> StyleReference | None:
        """What is compared for style distance; None for a single image."""
        return StyleReference(self.cells) if len(self.cells) > 1 else None

    def caption(self, member: int) -> str:
        """Return a member's caption, "" where it has none."""
        return self.captions[member] if member < len(self.captions) else ""

    def place(self, member: int) -> int:
        """Return where a member stands among the images of its own size."""
        return self.members(self._shape(member)).index(member)

    def labs(self, shape: Shape) -> np.ndarray:
        """Return float32 (3, n, cells) OKLab of the members of that size, channels apart."""
        return self._by_shape.get(shape, _Group.empty()).labs

    def edges(self, shape: Shape) -> np.ndarray:
        """Return float32 (n, pairs), 1 where a member has an edge between two neighbours."""
        return self._by_shape.get(shape, _Group.empty()).edges

    def orphan_share(self, shape: Shape, member: int | None = None) -> np.ndarray | None:
        """Return the share of members with an orphan cell within one step of each place.

        float64 (rows, columns), the largest of nine places; None without members of that size.
        """
        group = self._by_shape.get(shape)
        if group is None:
            return None
        count, total = len(group.members), group.orphans
        if member is not None:
            count, total = count - 1, total - group.each_orphans[self.place(member)]
        return _largest_of_nine(total / count) if count else None

    @cached_property
    def colours(self) -> np.ndarray:
        """All colours of the set, uint8 (n, 3)."""
        return unpack(np.unique(np.concatenate([pack(cells).ravel() for cells in self.cells])))

    def palette(self, member: int | None = None) -> np.ndarray:
        """Return float64 (n, 3) OKLab of all colours; without those only that member has."""
        codes, owners, first = self._palette
        if member is None:
            return codes
        kept = codes[~((owners == 1) & (first == member))]
        return kept if len(kept) else codes

    @cached_property
    def _palette(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        parts = [np.unique(pack(cells)) for cells in self.cells]
        owner = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        joined = np.concatenate(parts)
        codes, first, owners = np.unique(joined, return_index=True, return_counts=True)
        return srgb_to_oklab(unpack(codes)).astype(np.float64), owners, owner[first]

    def members(self, shape: Shape) -> list[int]:
        """Return the members of that size, in the order of `labs` and `edges`."""
        return self._by_shape.get(shape, _Group.empty()).members

    def _shape(self, member: int) -> Shape:
        rows, columns = self.cells[member].shape[:2]
        return rows, columns

    @cached_property
    def _by_shape(self) -> dict[Shape, _Group]:
        groups: dict[Shape, list[int]] = {}
        for member in range(len(self.cells)):
            groups.setdefault(self._shape(member), []).append(member)
        return {shape: _Group.of(members, self.cells) for shape, members in groups.items()}


@dataclass
class _Group:
    members: list[int]
    labs: np.ndarray
    edges: np.ndarray
    orphans: np.ndarray
    each_orphans: np.ndarray

    @classmethod
    def of(cls, members: list[int], cells: list[np.ndarray]) -> _Group:
        labs = [srgb_to_oklab(cells[member]) for member in members]
        alone = np.stack([orphans(lab) for lab in labs]).astype(np.float64)
        edges = np.stack([edge_bits(lab) for lab in labs]).astype(np.float32)
        # Channels apart: comparing one image with all members is then five times faster.
        flat = np.ascontiguousarray(np.stack([lab.reshape(-1, 3).T for lab in labs], axis=1))
        return cls(members, flat, edges, alone.sum(axis=0), alone)

    @classmethod
    def empty(cls) -> _Group:
        return cls([], np.empty((3, 0, 0)), np.empty((0, 0)), np.empty((0, 0)), np.empty((0, 0, 0)))


def _largest_of_nine(values: np.ndarray) -> np.ndarray:
    rows, columns = values.shape
    padded = np.pad(values, 1)
    shifted = [padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3)]
    return np.maximum.reduce(shifted)


def load_reference(
    folder: Path, look: Look, progress: Callable[[int, int], None] | None = None
) -> Reference:
    """Read a dataset folder at native size, or all those of a project whose folder is given.

    Raises AppError when there is no readable image. A palette to lock colours to comes from these
    images, so theirs are never locked.
    An image that cannot be read is named in `problems` and the rest goes on.
    """
    items = _items(Path(folder))
    reference = Reference([])
    look = _unlocked(look)
    for done, item in enumerate(items, 1):
        try:
            reference.cells.append(read_cells(item.image, look).cells)
            reference.paths.append(item.image)
            reference.captions.append(_caption(item))
        except AppError as error:
            reference.problems.append(problem_from(error, file=item.image.name))
        if progress:
            progress(done, len(items))
    if not reference.cells:
        raise AppError(
            "holds no readable image to compare with", file=folder, hint="give the dataset folder"
        )
    if needs_merge(reference.cells):
        reference.cells = [merge_palette(cells, GENERATION_TAU) for cells in reference.cells]
    return reference


def locked_to(look: Look, training: Path | Reference | None) -> Look:
    """Return the look with the palette of the training images, where it needs one and has none.

    Raises AppError (kind "usage") where it needs one and there are no training images.
    """
    if not DOWNSAMPLERS[look.downsampler].locks or look.palette is not None:
        return look
    known = load_reference(training, look) if isinstance(training, Path) else training
    return replace(look, palette=needed(known.colours if known else None, look.downsampler))


def _unlocked(look: Look) -> Look:
    locks = DOWNSAMPLERS[look.downsampler].locks
    return replace(look, downsampler=Look().downsampler) if locks else look


def _items(folder: Path) -> list[Item]:
    """Return the images in use: of a project those of its dataset folders, no gallery's."""
    from bespoke_gui.core.dataset import scan
    from bespoke_gui.core.project import is_project, open_project
    from bespoke_gui.core.project_data import scan_project

    if is_project(folder):
        return list(scan_project(open_project(folder)).used)
    return list(scan(folder).used)


def _caption(item: Item) -> str:
    from bespoke_gui.core.captions import read_safely

    return (read_safely(item.caption).text or "") if item.has_caption else ""
