"""Latent caches: .npz files that a training left beside images, and what they do to the next."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from bespoke_gui.core.errors import Problem

CACHE = re.compile(r"(?P<stem>.+)_(?P<width>\d+)x(?P<height>\d+)_sdx?l?\.npz$", re.IGNORECASE)
Size = tuple[int, int]


def stale_caches(folder: Path, sizes: Mapping[str, Size]) -> Iterator[Problem]:
    """Find caches that no longer fit their image; `sizes`: (width, height) by image name.

    Names are relative to `folder`, with `/`. sd-scripts takes an image's size from the name of
    such a file even where caching is off, and its content where cache_latents_to_disk is on
    (train_util.py:1999-2035, strategy_base.py:430).
    """
    images = {name.rsplit(".", 1)[0]: name for name in sizes}
    for cache in _caches(Path(folder)):
        found = CACHE.match(cache)
        image = images.get(found["stem"] if found else cache[:-4])
        if image is None:
            continue
        problem = _judged(Path(folder), cache, image, sizes[image], found)
        if problem is not None:
            yield problem


def _caches(folder: Path) -> Iterator[str]:
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.lower().endswith(".npz"):
                yield (Path(where) / name).relative_to(folder).as_posix()


def _judged(
    folder: Path, cache: str, image: str, size: Size, named: re.Match[str] | None
) -> Problem | None:
    hint = "delete the .npz files: the trainer makes them anew"
    if named and (int(named["width"]), int(named["height"])) != size:
        message = (
            f"was made of {image} when it was {int(named['width'])}x{int(named['height'])}; it is "
            f"{size[0]}x{size[1]} now, and the trainer believes the file's name"
        )
        return Problem("stale_cache", "warning", message, cache, hint)
    if _time(folder / cache) < _time(folder / image):
        message = (
            f"is older than {image}: with cache_latents_to_disk the trainer goes on with the image "
            "as it was"
        )
        return Problem("stale_cache", "warning", message, cache, hint)
    return None


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
