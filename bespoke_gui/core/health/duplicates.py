"""Images that are there twice: groups with exactly the same native pixels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from bespoke_gui.core.health.facts import ImageFacts


@dataclass(frozen=True)
class Duplicates:
    """Images alike, in the order of the set.

    how: "file" (the same bytes), "pixels" (another file, the same size) or "native" (other sizes
    or single pixels off the grid, but every native cell the same).
    """

    images: tuple[str, ...]
    how: str

    def as_dict(self) -> dict[str, Any]:
        """Return the group as the command line prints it."""
        return {**asdict(self), "images": list(self.images)}


def identity(facts: ImageFacts) -> str:
    """Return a text that two images share when all their cells are the same.

    Without a grid cells are a coarse look only: then the file's bytes decide.
    """
    if not facts.has_grid:
        return facts.sha256
    cells = facts.cells()
    return hashlib.sha256(repr(cells.shape).encode() + cells.tobytes()).hexdigest()


def find_duplicates(images: Iterable[ImageFacts]) -> list[Duplicates]:
    """Return the groups of two and more, in the order of their first image."""
    groups: dict[str, list[ImageFacts]] = {}
    for facts in images:
        groups.setdefault(identity(facts), []).append(facts)
    return [
        Duplicates(tuple(facts.name for facts in group), _how(group))
        for group in groups.values()
        if len(group) > 1
    ]


def _how(group: list[ImageFacts]) -> str:
    if len({facts.sha256 for facts in group}) == 1:
        return "file"
    same = len({(facts.width, facts.height) for facts in group}) == 1
    return "pixels" if same and not any(facts.off_pixels for facts in group) else "native"
