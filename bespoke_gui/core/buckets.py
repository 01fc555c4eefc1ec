"""Buckets: which size an image is trained at, by sd-scripts' rules (train_util.py:216-346).

The engines fit images with this too, so it is Python 3.10 clean.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bespoke_gui.core.errors import AppError

Size = tuple[int, int]
STEP, LOWEST, HIGHEST = 64, 256, 1024


class BucketRules(Protocol):
    """What decides about buckets: the training size, and the options around enable_bucket."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def bucket(self) -> bool: ...
    @property
    def no_upscale(self) -> bool: ...
    @property
    def bucket_steps(self) -> int: ...
    @property
    def min_bucket(self) -> int: ...
    @property
    def max_bucket(self) -> int: ...


@dataclass(frozen=True)
class BucketOptions:
    """The rules of a config, with the trainer's defaults."""

    width: int
    height: int
    bucket: bool = False
    no_upscale: bool = False
    bucket_steps: int = STEP
    min_bucket: int = LOWEST
    max_bucket: int = HIGHEST


@dataclass(frozen=True)
class Fit:
    """An image's way to its training size: scale to `resized`, then cut `size` from the middle."""

    resized: Size
    size: Size


def fit(image: Size, settings: BucketRules) -> Fit:
    """Return the sizes (width, height) for one image; raises AppError when it is too small."""
    if not settings.bucket or image == (settings.width, settings.height):
        found = _cover(image, (settings.width // 8 * 8, settings.height // 8 * 8))
    elif settings.no_upscale:
        found = _shrunk(image, settings)
    else:
        found = _cover(image, _nearest(image, settings))
    if min(found.size) < 8:
        raise AppError(
            f"is too small to train on ({image[0]}x{image[1]})", hint="prepare it at a larger size"
        )
    return found


def options_of(values: Mapping[str, Any], size: Size) -> BucketOptions:
    """Return the rules of a flattened config for a training size; odd values count as not set."""

    def whole(key: str, default: int) -> int:
        value = values.get(key)
        return value if type(value) is int and 0 < value < 1 << 20 else default

    return BucketOptions(
        *size,
        values.get("enable_bucket") is True,
        values.get("bucket_no_upscale") is True,
        whole("bucket_reso_steps", STEP),
        whole("min_bucket_reso", LOWEST),
        whole("max_bucket_reso", HIGHEST),
    )


def images_a_bucket(images: Mapping[Size, int], rules: BucketRules) -> Counter[Size]:
    """Return how many images each bucket gets, by its size; `images` counts them by their own.

    Raises AppError when an image fits none.
    """
    found: Counter[Size] = Counter()
    for size, count in images.items():
        found[fit(size, rules).size] += count
    return found


def _cover(image: Size, size: Size) -> Fit:
    """Scale so that the image just covers `size`."""
    if image[0] * size[1] > image[1] * size[0]:
        scale = size[1] / image[1]
    else:
        scale = size[0] / image[0]
    resized = (int(image[0] * scale + 0.5), int(image[1] * scale + 0.5))
    return Fit((max(resized[0], size[0]), max(resized[1], size[1])), size)


def sizes(settings: BucketRules) -> list[Size]:
    """All bucket sizes (sd-scripts model_util.py:1316-1344)."""
    step, area = settings.bucket_steps, settings.width * settings.height
    square = int(math.sqrt(area) // step) * step
    found = {(square, square)}
    for width in range(settings.min_bucket, settings.max_bucket + 1, step):
        height = min(settings.max_bucket, int((area // width) // step) * step)
        if height >= settings.min_bucket:
            found |= {(width, height), (height, width)}
    return sorted(size for size in found if min(size) > 0)


def _nearest(image: Size, settings: BucketRules) -> Size:
    known = sizes(settings)
    if image in known:
        return image
    if not known:
        raise AppError("no bucket fits the resolution", hint="lower bucket_reso_steps",
                       kind="bad_config")  # fmt: skip
    ratio = image[0] / image[1]
    return min(known, key=lambda size: abs(size[0] / size[1] - ratio))


def _shrunk(image: Size, settings: BucketRules) -> Fit:
    """Never enlarge: shrink to the area of the resolution, then cut to whole steps."""
    area, step = settings.width * settings.height, settings.bucket_steps
    resized = image
    if image[0] * image[1] > area:
        resized = _to_area(image, area, step)
    size = (resized[0] - resized[0] % step, resized[1] - resized[1] % step)
    return Fit(resized, size)


def _to_area(image: Size, area: int, step: int) -> Size:
    ratio = image[0] / image[1]
    width = math.sqrt(area * ratio)
    height = area / width
    by_width = _round(width, step)
    by_height = _round(height, step)
    ratio_width = by_width / max(1, _round(by_width / ratio, step))
    ratio_height = _round(by_height * ratio, step) / max(1, by_height)
    if abs(ratio_width - ratio) < abs(ratio_height - ratio):
        return by_width, int(by_width / ratio + 0.5)
    return int(by_height * ratio + 0.5), by_height


def _round(value: float, step: int) -> int:
    whole = int(value + 0.5)
    return whole - whole % step
