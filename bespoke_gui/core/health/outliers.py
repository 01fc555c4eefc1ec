"""Outliers: images unlike the rest of their set, each with the reason and the limit it passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bespoke_gui.core.health.facts import ImageFacts
from bespoke_gui.core.health.robust import FEWEST, LIMIT
from bespoke_gui.core.health.spread import Spread

NEARLY_ALL = 0.9
"""Share of images that must agree on a size or format for another one to be an outlier."""
_PLACES = 4


@dataclass(frozen=True)
class Outlier:
    """One image that is unlike the rest in one way.

    kind: "colours", "palette", "brightness", "flat", "size", "native_size", "format", "mode",
    "alpha", "no_grid", "off_grid", "damaged". value: what it has; limit: what would be usual, in
    words; z: robust standard deviations from the median, None where it is no question of how much.
    """

    image: str
    kind: str
    reason: str
    value: str
    limit: str
    z: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as the command line prints it."""
        return asdict(self)


def find_outliers(images: Sequence[ImageFacts], spreads: Mapping[str, Spread]) -> list[Outlier]:
    """Return what is unlike the rest, kind after kind, the furthest first.

    spreads: what `find_spreads` found about the same images.
    """
    found = [outlier for search in _SEARCHES for outlier in search(images)]
    found += [outlier for kind, spread in spreads.items() for outlier in _beyond(kind, spread)]
    return [*found, *_rare(images)]


def without_decided(
    outliers: Iterable[Outlier], images: Iterable[ImageFacts], decided: Collection[str]
) -> list[Outlier]:
    """Return the outliers without pixels off the grid that somebody decided about.

    decided: SHA-256 of the files, so that a file that was changed since is asked about again.
    """
    settled = {facts.name for facts in images if facts.sha256 in decided}
    return [o for o in outliers if o.kind != "off_grid" or o.image not in settled]


def _flat(images: Sequence[ImageFacts]) -> Iterator[Outlier]:
    for facts in images:
        if facts.colours == 1:
            reason = "holds a single colour: it looks empty"
            yield Outlier(facts.name, "flat", reason, "1 colour", "2 colours or more")


def _no_grid(images: Sequence[ImageFacts]) -> Iterator[Outlier]:
    """Name images without a grid where most have one: in a set of photographs it is no news."""
    without = [facts for facts in images if not facts.has_grid]
    if 2 * len(without) > len(images):
        return
    for facts in without:
        value = f"score {facts.grid_score:.2f}"
        reason = f"is not on a pixel grid ({value}); {len(images) - len(without)} others are"
        yield Outlier(facts.name, "no_grid", reason, value, "score 0.70 or more")


def _off_grid(images: Sequence[ImageFacts]) -> Iterator[Outlier]:
    strayed = [f for f in images if f.has_grid and f.off_pixels and not f.is_damaged]
    for facts in sorted(strayed, key=lambda facts: -facts.off_pixels):
        value = _count(facts.off_pixels, "pixel")
        cells = _count(facts.off_cells, "cell")
        verb = "is" if facts.off_pixels == 1 else "are"
        places = [f"column {c} row {r}" for c, r in facts.off_where[:_PLACES]]
        more = ", ..." if facts.off_cells > _PLACES else ""
        where = f"{', '.join(places)}{more}"
        reason = f"has {value} that {verb} not of the cell's colour, in {cells} ({where})"
        yield Outlier(facts.name, "off_grid", reason, value, "0 pixels")


def _damaged(images: Sequence[ImageFacts]) -> Iterator[Outlier]:
    """Name resampled and compressed images among clean ones; where most are, the set is told."""
    damaged = [facts for facts in images if facts.is_damaged]
    if 2 * len(damaged) > len(images):
        return
    for facts in damaged:
        share = 100 * facts.off_pixels / (facts.width * facts.height)
        value = f"{share:.0f}% of its pixels"
        reason = (
            f"was resampled or compressed: {value} are no native colour "
            f"({facts.file_colours} colours, {facts.colours} native)"
        )
        yield Outlier(facts.name, "damaged", reason, value, "0%")


_SEARCHES = (_flat, _no_grid, _damaged, _off_grid)


def _beyond(kind: str, spread: Spread) -> Iterator[Outlier]:
    """Yield images with a value below or above what is usual, where that end is wrong at all."""
    zs = {name: spread.z(value) for name, value in spread.values.items()}
    for name in sorted(zs, key=lambda name: -abs(zs[name])):
        z = zs[name]
        reason, edge = (
            (spread.reasons[0], spread.low) if z < 0 else (spread.reasons[1], spread.high)
        )
        if abs(z) >= LIMIT and reason:
            least = "at least" if z < 0 else "at most"
            limit = f"{least} {spread.words(edge)} (median {spread.words(spread.median)})"
            value = spread.words(spread.values[name])
            text = f"{reason}: {value}, {limit} is usual"
            yield Outlier(name, kind, text, value, limit, round(z, 2))


def _rare(images: Sequence[ImageFacts]) -> Iterator[Outlier]:
    """Yield images that differ in what nine of ten have in common."""
    if len(images) < FEWEST:
        return
    native = [facts for facts in images if facts.has_grid]
    yield from _unlike(images, "size", lambda f: f"{f.width}x{f.height} px")
    yield from _unlike(native, "native_size", lambda f: f"{f.columns}x{f.rows} cells")
    yield from _unlike(images, "format", lambda f: f.format)
    yield from _unlike(images, "mode", lambda f: _mode(f.mode))
    yield from _unlike(images, "alpha", lambda f: _alpha(f.transparent))


def _unlike(
    images: Sequence[ImageFacts], kind: str, value_of: Callable[[ImageFacts], str]
) -> Iterator[Outlier]:
    values = [value_of(facts) for facts in images]
    for common, count in Counter(values).most_common(1):
        if count < NEARLY_ALL * len(images):
            return
        for facts, value in zip(images, values, strict=True):
            if value != common:
                reason = f"is {value}; {count} of {len(images)} are {common}"
                yield Outlier(facts.name, kind, reason, value, common)


def _mode(mode: str) -> str:
    """RGB, RGBA and P come out the same; grey, CMYK and 16 bits may not."""
    return "RGB" if mode in ("RGB", "RGBA", "P", "PA", "RGBX") else mode


def _alpha(transparent: float) -> str:
    return "partly transparent" if transparent else "opaque"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")
