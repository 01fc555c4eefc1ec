"""Health report: everything that is found about a set of images, from one reading of its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from math import gcd
from pathlib import Path
from typing import Any

from bespoke_gui.core.dataset import Dataset, scan
from bespoke_gui.core.errors import Problem
from bespoke_gui.core.health.cache import FactsCache
from bespoke_gui.core.health.duplicates import Duplicates, find_duplicates
from bespoke_gui.core.health.facts import PLAIN, ImageFacts, Unreadable
from bespoke_gui.core.health.findings import damaged_set
from bespoke_gui.core.health.histogram import Histogram, histogram
from bespoke_gui.core.health.kept import decided_files, is_kept
from bespoke_gui.core.health.near import NearPairs, find_near
from bespoke_gui.core.health.outliers import Outlier, find_outliers, without_decided
from bespoke_gui.core.health.read import Cancelled, Progress, read_set, stop_if
from bespoke_gui.core.health.set_palette import SetPalette, palette_of
from bespoke_gui.core.health.spread import Spread, find_spreads
from bespoke_gui.core.health.summary import Summary, state_of, write_summary
from bespoke_gui.core.lint_ignored import read_ignored
from bespoke_gui.core.project import is_project, open_project
from bespoke_gui.core.project_data import scan_project

NOT_PLAIN = "no plain"
ORPHANS = ("caption_without_image", "caption_wrong_case")


@dataclass
class Health:
    """What a set is like. images: those that could be read, in the order of the set.

    excluded: how many are left out because they are excluded. problems: files that cannot be
    read, odd files, and what is wrong with names.
    """

    images: list[ImageFacts] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    excluded: int = 0
    duplicates: list[Duplicates] = field(default_factory=list)
    near: NearPairs = field(default_factory=NearPairs)
    colours: Histogram = field(default_factory=Histogram)
    palette: SetPalette = field(default_factory=SetPalette)
    spreads: dict[str, Spread] = field(default_factory=dict)
    outliers: list[Outlier] = field(default_factory=list)
    missing_captions: list[str] = field(default_factory=list)
    orphan_captions: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def backgrounds(self) -> dict[str, list[str]]:
        """Return images by the colour of a plain background, the commonest first."""
        return _grouped(
            (f.background if f.background_share >= PLAIN else NOT_PLAIN, f.name)
            for f in self.images
        )

    def resolutions(self) -> dict[tuple[int, int], list[str]]:
        """Return images by width and height, the commonest first."""
        return _grouped(((f.width, f.height), f.name) for f in self.images)

    def counts(self, of: Callable[[ImageFacts], str]) -> dict[str, int]:
        """Return how many images have each value, the commonest first."""
        return dict(Counter(map(of, self.images)).most_common())

    def summary(self, state: str) -> Summary:
        """Return the figures that matter at a glance."""
        near = sum(not pair.kept for pair in self.near.pairs) + self.near.left_out
        twice = sum(len(group.images) - 1 for group in self.duplicates)
        odd = len({outlier.image for outlier in self.outliers})
        return Summary(state, len(self.images), len(self.unreadable), twice, near, odd)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as the command line prints it."""
        return {
            "images": len(self.images),
            "excluded": self.excluded,
            "unreadable": [item.as_dict() for item in self.unreadable],
            "duplicates": [group.as_dict() for group in self.duplicates],
            "near_duplicates": [pair.as_dict() for pair in self.near.pairs],
            "near_duplicates_left_out": self.near.left_out,
            "resolutions": self.counts(lambda f: f"{f.width}x{f.height}"),
            "native_sizes": self.counts(lambda f: f"{f.columns}x{f.rows}" if f.has_grid else ""),
            "aspects": self.counts(lambda f: aspect(f.width, f.height)),
            "formats": self.counts(lambda f: f.format),
            "modes": self.counts(lambda f: f.mode),
            "colours": self.colours.as_dict(),
            "backgrounds": self.backgrounds(),
            "palette": self.palette.as_dict(),
            "usual": {kind: spread.as_dict() for kind, spread in self.spreads.items()},
            "outliers": [outlier.as_dict() for outlier in self.outliers],
            "missing_captions": self.missing_captions,
            "orphan_captions": self.orphan_captions,
            "problems": [problem.as_dict() for problem in self.problems],
        }


def read_health(
    path: Path,
    native: int = 0,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Health:
    """Look at a project or a folder of images; see `dataset_health`. Raises AppError.

    In a project the native size is the project's, pairs that somebody settled are marked, and
    what was found is kept in .bespoke for the next look.
    """
    path = Path(path)
    if not is_project(path):
        return dataset_health(scan(path), native, None, progress, cancelled)
    project = open_project(path)
    cache = FactsCache(project.bespoke_dir)
    size = native or project.native_size
    dataset = scan_project(project)
    health = dataset_health(dataset, size, cache, progress, cancelled)
    ignored = read_ignored(project.folder)
    pairs = health.near.pairs
    health.near.pairs = [replace(p, kept=is_kept(ignored, p.a, p.b)) for p in pairs]
    decided = decided_files(project.folder)
    health.outliers = without_decided(health.outliers, health.images, decided)
    write_summary(project.bespoke_dir, health.summary(state_of(dataset)))
    return health


def dataset_health(
    dataset: Dataset,
    native: int = 0,
    cache: FactsCache | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Health:
    """Look at all images of a set that are not excluded; nothing is written but the cache.

    native: cells along the longer side, 0 when not known. progress(done, total, name) follows
    the reading. Raises AppError with kind "cancelled" when `cancelled()` says so.
    """
    items = dataset.used
    health = Health(excluded=len(dataset.items) - len(items), problems=list(dataset.problems))
    found = read_set(items, native, cache, progress, cancelled)
    health.images = [one for one in found if isinstance(one, ImageFacts)]
    health.unreadable = [one for one in found if isinstance(one, Unreadable)]
    health.problems += [one.problem for one in health.unreadable]
    health.problems += [problem for facts in health.images for problem in facts.problems]
    health.problems += damaged_set(health.images)
    health.missing_captions = [item.name for item in items if not item.has_caption]
    health.orphan_captions = [p.file for p in dataset.problems if p.code in ORPHANS]
    health.duplicates = find_duplicates(health.images)
    stop_if(cancelled)
    health.near = find_near(health.images, cancelled)
    health.colours = histogram({facts.name: facts.colours for facts in health.images})
    health.palette = palette_of(health.images)
    stop_if(cancelled)
    health.spreads = find_spreads(health.images)
    health.outliers = find_outliers(health.images, health.spreads)
    return health


def aspect(width: int, height: int) -> str:
    """Return `3:2` and the like."""
    common = gcd(width, height)
    return f"{width // common}:{height // common}"


def _grouped(pairs: Iterable[tuple[Hashable, str]]) -> dict[Any, list[str]]:
    groups: dict[Any, list[str]] = {}
    for key, name in pairs:
        groups.setdefault(key, []).append(name)
    return dict(sorted(groups.items(), key=lambda pair: -len(pair[1])))
