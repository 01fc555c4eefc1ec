"""Contents of a dataset folder: names, every image decoded, captions, their lint, the figures."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.captions import read_all
from bespoke_gui.core.dataset import Dataset, Item, caption_name, scan
from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.latent_caches import stale_caches
from bespoke_gui.core.package_captions import missing_caption

if TYPE_CHECKING:
    from bespoke_gui.core.health.facts import ImageFacts
    from bespoke_gui.core.lints import Linter

Progress = Callable[[int, int], None]
Seen = tuple[tuple[int, int, str] | None, list[Problem]]


@dataclass
class Stats:
    """Figures of the data, without excluded images, which are only counted.

    sizes: images by "WIDTHxHEIGHT"; formats: by PNG, JPEG, ...
    """

    images: int = 0
    captions: int = 0
    excluded: int = 0
    regularisation: int = 0
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    bytes: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as the command line prints them."""
        sizes = {f"{width}x{height}": n for (width, height), n in self.sizes.most_common()}
        return {
            "images": self.images,
            "captions": self.captions,
            "excluded": self.excluded,
            "regularisation": self.regularisation,
            "sizes": sizes,
            "formats": dict(self.formats.most_common()),
            "bytes": self.bytes,
        }

    def add(self, other: Stats) -> None:
        """Add the figures of another folder."""
        self.images += other.images
        self.captions += other.captions
        self.excluded += other.excluded
        self.regularisation += other.regularisation
        self.sizes += other.sizes
        self.formats += other.formats
        self.bytes += other.bytes


@dataclass
class Contents:
    """One dataset folder as it was read; captions by image name, None where missing.

    facts: what is known about each image, where they were asked for.
    """

    problems: list[Problem]
    stats: Stats
    captions: dict[str, str | None]
    facts: list[ImageFacts] = field(default_factory=list)


def read_contents(
    folder: Path,
    extension: str = ".txt",
    separator: str = ",",
    progress: Progress | None = None,
    linter: Linter | None = None,
    native: int | None = None,
) -> Contents:
    """Read a dataset folder whole: names, every image decoded, captions and their lint.

    Excluded images are counted and otherwise left out. `linter` knows more than the separator.
    native: cells along the longer side (0: not known), to look closer at each image (`facts`).
    """
    from bespoke_gui.core.lints import lint, lint_with
    from bespoke_gui.core.prepared.damage import damage_problems

    dataset = scan(folder, extension)
    problems = list(dataset.problems)
    left_out = len(dataset.items) - len(dataset.used)
    dataset.items = dataset.used
    stats = Stats(len(dataset.items), dataset.captions, left_out)
    sizes: dict[str, tuple[int, int]] = {}
    facts: dict[str, ImageFacts] = {}
    look = _look if native is None else _closer_look(dataset, native, facts)
    problems += look_at_images(dataset, stats, progress, sizes, look)
    problems += stale_caches(folder, sizes)
    problems += damage_problems([item.image for item in dataset.items])
    texts: dict[str, str | None] = {}
    for item, caption in zip(dataset.items, read_all(dataset).values(), strict=True):
        texts[item.name] = None if caption.missing else caption.text
        problems += _caption(item, caption.missing, caption.problems)
        stats.bytes += _size(item.caption)
    problems += lint_with(linter, texts) if linter else lint(texts, separator)
    known = [facts[item.name] for item in dataset.items if item.name in facts]
    return Contents(problems, stats, texts, known)


def _caption(item: Item, missing: bool, problems: list[Problem]) -> list[Problem]:
    if missing:
        return [missing_caption(item.name, item.caption.name)]
    name = caption_name(item.name, item.caption.name.removeprefix(item.stem))
    return [replace(problem, file=name) for problem in problems]


def look_at_images(
    dataset: Dataset,
    stats: Stats,
    progress: Progress | None = None,
    sizes: dict[str, tuple[int, int]] | None = None,
    look: Callable[[Item], Seen] | None = None,
) -> list[Problem]:
    """Decode every image, count them in `stats`, and return what is wrong with them.

    `sizes` takes the size of each image by its name. Pillow leaves the lock while it decodes, so
    threads use all cores.
    """
    found: list[Problem] = []
    total = len(dataset.items)
    stats.bytes += sum(_size(item.image) for item in dataset.items)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        looks = zip(dataset.items, pool.map(look or _look, dataset.items), strict=True)
        for done, (item, (seen, problems)) in enumerate(looks, 1):
            found += problems
            if seen is not None:
                width, height, kind = seen
                stats.sizes[width, height] += 1
                stats.formats[kind] += 1
                if sizes is not None:
                    sizes[item.name] = (width, height)
            if progress:
                progress(done, total)
    return found


def _look(item: Item) -> Seen:
    """Return width, height and format, and what is odd; None for an unreadable image."""
    from bespoke_gui.core.imagefile import load

    try:
        info = load(item.image).info
    except AppError as error:
        return None, [problem_from(error, "unreadable_image", item.name)]
    problems = [replace(problem, file=item.name) for problem in info.problems]
    return (info.width, info.height, info.format), problems


def _closer_look(
    dataset: Dataset, native: int, facts: dict[str, ImageFacts]
) -> Callable[[Item], Seen]:
    """Return a `_look` that also finds native cells; what it knows goes to `facts`, by name."""
    from bespoke_gui.core.health.facts import Unreadable
    from bespoke_gui.core.health.read import read_image, usual_native

    native = native or usual_native([item.image for item in dataset.items])

    def look(item: Item) -> Seen:
        found = read_image((item.name, item.image_file, native))
        if isinstance(found, Unreadable):
            return None, [found.problem]
        facts[found.name] = found
        return (*found.stored, found.format), list(found.problems)

    return look


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
