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


def summarise(
    images: Collection[PreparedImage],
    settings: Settings,
    asked: int,
    left_out: Collection[str] = (),
) -> dict[str, Any]:
    """Return the figures of the set of which `asked` images were wanted; colours are means."""
    return {
        **settings.as_dict(),
        "images": len(images),
        "failed": asked - len(images) - len(left_out),
        "left_out": sorted(left_out),
        "captions": sum(bool(image.caption) for image in images),
        "native_exact": sum(image.native_exact for image in images),
        "not_exact": [image.name for image in images if not image.native_exact],
        "undecided": [image.name for image in images if image.off_grid == "ask"],
        "cells": sum(image.columns * image.rows for image in images),
        "cells_damaged": sum(image.cells_damaged for image in images),
        "recovered": sum(i.source_damaged and not i.cells_damaged for i in images),
        "colours_before": _mean(image.colours_before for image in images),
        "colours_after": _mean(image.colours_after for image in images),
        "colours_unchanged": sum(i.colours_before == i.colours_after for i in images),
    }


def set_problems(images: Collection[PreparedImage], settings: Settings) -> list[Problem]:
    """Return findings that concern the set as a whole."""
    found = [
        _colours(images, settings),
        _damaged(images, settings),
        _undecided(images),
        _captions(images),
        _size(images),
        _cells(images, settings),
    ]
    return [problem for problem in found if problem is not None]


def _colours(images: Collection[PreparedImage], settings: Settings) -> Problem | None:
    before = _mean(image.native_colours or image.colours_before for image in images)
    after = _mean(image.colours_after for image in images)
    if after <= _LOUD * before:
        return None
    cells = sum(image.columns * image.rows for image in images)
    share = 100 * sum(image.cells_damaged for image in images) / max(1, cells)
    message = (
        f"{settings.method} turned {before:.0f} colours an image into {after:.0f} (mean) and "
        f"changed {share:.0f}% of the cells"
    )
    hint = "use --method pixel, with a size that is a multiple of the native size, such as 384"
    return Problem("colours_invented", "warning", message, "", hint)


def _damaged(images: Collection[PreparedImage], settings: Settings) -> Problem | None:
    damaged = [image for image in images if image.source_damaged]
    if not damaged:
        return None
    before, native = (
        _mean(image.colours_before for image in damaged),
        _mean(image.native_colours for image in damaged),
    )
    message = (
        f"{len(damaged)} of {len(images)} images are pixel art that was resampled or compressed: "
        f"{before:.0f} colours an image where {native:.0f} are native"
    )
    if settings.method == "pixel":
        hint = "their native pixels were recovered; from the drawn originals it would be certain"
        return Problem("set_damaged", "info", message, "", hint)
    hint = "--method pixel recovers their native pixels"
    return Problem("set_damaged", "warning", message, "", hint)


def _undecided(images: Collection[PreparedImage]) -> Problem | None:
    names = [image.name for image in images if image.off_grid == "ask"]
    if not names:
        return None
    message = (
        f"{len(names)} of {len(images)} images hold pixels off the grid that nobody decided about: "
        f"{', '.join(names[:5])}{' ...' if len(names) > 5 else ''}"
    )
    hint = "--off-grid keep, flatten or leave_out; --decide NAME=keep for one image"
    return Problem("off_grid_undecided", "warning", message, "", hint)


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


def _cells(images: Collection[PreparedImage], settings: Settings) -> Problem | None:
    uneven = sum(bool(image.columns and not image.cell_px) for image in images)
    if not uneven:
        return None
    message = f"cells are not all of one size in {uneven} of {len(images)} images"
    hint = (
        "choose a multiple of the native size, such as 384, 576 or 768 for 24; or --fit pad-cells"
    )
    severity = "warning" if settings.fit == "ask" and settings.method == "pixel" else "info"
    return Problem("uneven_cells", severity, message, "", hint)


def _mean(values: Any) -> float:
    numbers = list(values)
    return round(fmean(numbers), 1) if numbers else 0.0
