"""What a measure is, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bespoke_gui.core.pixels.oklab import srgb_to_oklab

if TYPE_CHECKING:
    from bespoke_gui.core.pixels.grid import Grid
    from bespoke_gui.core.protocol import Prompt
    from bespoke_gui.core.reference import Reference


@dataclass
class MeasureInput:
    """One image as a measure sees it.

    cells: uint8 (rows, columns, 3), native, as read; merged: the same after the merge decided
    for the whole gallery (the same array where none). large: uint8 (height, width, 3) with its
    grid, None for an image that is native already. member: the image's own place in the
    reference set, which is then left out of what it is compared with. previous: OKLab of the
    same prompt and seed one epoch earlier; siblings: OKLab of the same prompt and epoch under
    other seeds.
    """

    cells: np.ndarray
    merged: np.ndarray
    large: np.ndarray | None = None
    grid: Grid | None = None
    prompt: Prompt | None = None
    reference: Reference | None = None
    member: int | None = None
    previous: np.ndarray | None = None
    siblings: Sequence[np.ndarray] = ()

    @cached_property
    def lab(self) -> np.ndarray:
        """OKLab of the merged cells, float32 (rows, columns, 3)."""
        return srgb_to_oklab(self.merged)


@dataclass(frozen=True)
class Measure:
    """A figure about one image; `run` returns None where it does not apply.

    better: "lower", "higher" or "none" (shown, never ranked by). threshold: "percentile" (of
    the training set, at the bad end), "fixed" (`limit`) or "none". decimals: how many to show.
    ranked: whether a best epoch by this measure means anything.
    """

    name: str
    title: str
    unit: str
    better: str
    explanation: str
    threshold: str
    run: Callable[[MeasureInput], float | None] = field(repr=False)
    limit: float | None = None
    decimals: int = 2
    ranked: bool = True

    def text(self, value: float | None) -> str:
        """Return the value as people read it; a dash where it does not apply."""
        return "–" if value is None else f"{value:.{self.decimals}f}"

    def beyond(self, value: float | None, limit: float | None) -> bool:
        """Return whether `value` is on the bad side of `limit`."""
        if value is None or limit is None or self.better == "none":
            return False
        return value > limit if self.better == "lower" else value < limit
