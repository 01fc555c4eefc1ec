"""What of a set's health is worth acting on before a training, as findings of a check."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from statistics import median

from bespoke_gui.core.errors import Problem
from bespoke_gui.core.health.duplicates import find_duplicates
from bespoke_gui.core.health.facts import ImageFacts
from bespoke_gui.core.health.kept import is_kept
from bespoke_gui.core.health.near import find_near
from bespoke_gui.core.health.outliers import find_outliers, without_decided
from bespoke_gui.core.lint_ignored import NOTHING, Ignored

_EXCLUDE = "exclude one of them: `bespoke images exclude`"
# Outliers that are a matter of taste (brightness, palette) are for the page, not for a check.
_CODES = {
    "damaged": ("image_resampled", "prepare it from the drawn original if you have it"),
    "flat": ("flat_image", "is it the right file? else exclude it"),
    "no_grid": ("no_native_grid", "is it pixel art? `bespoke images inspect` tells more"),
    "off_grid": ("off_grid_pixels", "mend them, or accept that preparing leaves them out"),
}


def health_findings(
    images: Sequence[ImageFacts], ignored: Ignored = NOTHING, decided: Collection[str] = ()
) -> list[Problem]:
    """Return findings about duplicates, images without a grid and pixels off it.

    ignored: near-duplicates of which both are wanted. decided: SHA-256 of the files whose pixels
    off the grid somebody decided about.
    """
    pairs = [*_twice(images), *_near(images, ignored)]
    return [*damaged_set(images), *pairs, *_odd(images, decided)]


def _twice(images: Sequence[ImageFacts]) -> Iterator[Problem]:
    for group in find_duplicates(images):
        for name in group.images[1:]:
            message = f"has the same pixels as {group.images[0]}: an epoch shows them twice"
            yield Problem("duplicate_image", "warning", message, name, _EXCLUDE)


def _near(images: Sequence[ImageFacts], ignored: Ignored) -> Iterator[Problem]:
    for pair in find_near(images).pairs:
        if not is_kept(ignored, pair.a, pair.b):
            how = f"in {pair.cells} of {pair.total} native pixels"
            mirrored = ", mirrored" if pair.mirrored else ""
            message = f"differs from {pair.a} {how} only{mirrored}"
            hint = "exclude one, or keep both on the page Images"
            yield Problem("near_duplicate_image", "info", message, pair.b, hint)


def damaged_set(images: Sequence[ImageFacts]) -> list[Problem]:
    """Return the finding that most images of a set were resampled or compressed, if so."""
    damaged = [facts for facts in images if facts.is_damaged]
    if 2 * len(damaged) <= len(images):
        return []
    now = median(facts.file_colours for facts in damaged)
    native = median(facts.colours for facts in damaged)
    message = (
        f"{len(damaged)} of {len(images)} images were resampled or compressed: "
        f"{native:.0f} colours an image became {now:.0f} (median)"
    )
    hint = "prepare them with method pixel, or recover them: `bespoke images native`"
    return [Problem("images_resampled", "warning", message, "", hint)]


def _odd(images: Sequence[ImageFacts], decided: Collection[str]) -> Iterator[Problem]:
    found = without_decided(find_outliers(images, {}), images, decided)
    for outlier in found:
        if outlier.kind in _CODES:
            code, hint = _CODES[outlier.kind]
            yield Problem(code, "warning", outlier.reason, outlier.image, hint)
