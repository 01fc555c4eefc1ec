"""Figures and findings about a whole prepared set."""

from __future__ import annotations

from collections.abc import Collection
from statistics import fmean
from typing import Any

from bespoke_gui.core.errors import Problem
from bespoke_gui.core.prepared.records import PreparedImage, Settings

BUCKET_STEP = 64
# Fewer colours than this much more are what an off-grid repair or a rounding may do.
_LOUD = 1.5


def summarise(images: Collection[PreparedImage], settings: Settings, asked: int) -> dict[str, Any]:
    """Return the figures of the set; colours are means over the images."""
    return {
        **settings.as_dict(),
        "images": len(images),
        "failed": asked - len(images),
        "captions": sum(bool(image.caption) for image in images),
        "native_exact": sum(image.native_exact for image in images),
        "not_exact": [image.name for image in images if not image.native_exact],
        "colours_before": _mean(image.colours_before for image in images),
        "colours_after": _mean(image.colours_after for image in images),
        "colours_unchanged": sum(i.colours_before == i.colours_after for i in images),
    }


def set_problems(images: Collection[PreparedImage], settings: Settings) -> list[Problem]:
    """Return findings that concern the set as a whole."""
    found = [_colours(images, settings), _captions(images), _size(images), _cells(images)]
    return [problem for problem in found if problem is not None]


def _colours(images: Collection[PreparedImage], settings: Settings) -> Problem | None:
    before = _mean(image.native_colours or image.colours_before for image in images)
    after = _mean(image.colours_after for image in images)
    if after <= _LOUD * before:
        return None
    message = f"{settings.method} turned {before:.0f} colours an image into {after:.0f} (mean)"
    hint = "use --method pixel, with a size that is a multiple of the native size, such as 384"
    return Problem("colours_invented", "warning", message, "", hint)


def _captions(images: Collection[PreparedImage]) -> Problem | None:
    missing = sum(not image.caption for image in images)
    if not missing:
        return None
    message = f"{missing} of {len(images)} images have no caption"
    hint = "put NAME.txt beside NAME.png, or name their folder with --captions"
    return Problem("captions_missing", "warning", message, "", hint)


def _size(images: Collection[PreparedImage]) -> Problem | None:
    odd = {
        f"{i.width}x{i.height}" for i in images if i.width % BUCKET_STEP or i.height % BUCKET_STEP
    }
    if not odd:
        return None
    some = ", ".join(sorted(odd)[:3])
    message = f"{some} is no multiple of {BUCKET_STEP}: the trainer would resize again"
    hint = "choose 384, 576 or 768, or set bucket_reso_steps to 8"
    return Problem("size_not_bucket", "warning", message, "", hint)


def _cells(images: Collection[PreparedImage]) -> Problem | None:
    uneven = sum(
        bool(image.columns and (image.width % image.columns or image.height % image.rows))
        for image in images
    )
    if not uneven:
        return None
    message = f"cells are not all of one size in {uneven} of {len(images)} images"
    hint = "choose a multiple of the native size, such as 384, 576 or 768 for 24"
    return Problem("uneven_cells", "info", message, "", hint)


def _mean(values: Any) -> float:
    numbers = list(values)
    return round(fmean(numbers), 1) if numbers else 0.0
