"""Rules about size: buckets, resolution, and what happens to images of another size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bespoke_gui.core.buckets import Size, fit, options_of
from bespoke_gui.core.config.case import Case, Sizes, rule
from bespoke_gui.core.errors import AppError, Problem

STEP = 64
SMALLEST_SIDE = 64  # 8x8 latent cells: Stable Diffusion 1.5 draws on 64x64 of them.


@rule
def unreadable_resolution(case: Case) -> Iterator[Problem]:
    """Resolution is "size" or "width,height"."""
    value = case.get("resolution")
    if isinstance(value, str) and case.resolution is None:
        message = f'resolution = "{value}" is neither "size" nor "width,height"'
        hint = 'write resolution = "512,512"'
        yield case.finding("bad_resolution", "error", "resolution", message, hint)


@rule
def latent_grid(case: Case) -> Iterator[Problem]:
    """The model works on cells of 8 pixels, and learned to draw at 512."""
    size = case.resolution
    if size and min(size) < SMALLEST_SIDE and not case.embedded:
        cells = f"{size[0] // 8}x{size[1] // 8}"
        message = f"resolution {size[0]}x{size[1]} is {cells} latent cells: too few for a portrait"
        hint = "prepare the images larger: 384 or 512"
        yield case.finding("tiny_resolution", "warning", "resolution", message, hint)
    elif size and (size[0] % 8 or size[1] % 8):
        message = f"resolution {size[0]}x{size[1]} is no multiple of 8: edges are cut off"
        yield case.finding(
            "odd_resolution", "warning", "resolution", message, "use a multiple of 64"
        )


@rule
def bucket_limits(case: Case) -> Iterator[Problem]:
    """With buckets on the trainer stops unless min <= resolution <= max and steps fit 64."""
    if not case.get("enable_bucket"):
        return
    steps = case.number("bucket_reso_steps") or STEP
    if steps % STEP:
        message = f'"bucket_reso_steps is {steps}. it must be divisible by {STEP}": training stops'
        yield case.finding(
            "bucket_limits", "error", "bucket_reso_steps", message, "take it out (64)"
        )
    elif case.resolution:
        yield from _limits(case, case.resolution, int(steps))


def _limits(case: Case, size: tuple[int, int], steps: int) -> Iterator[Problem]:
    lowest, highest = case.number("min_bucket_reso"), case.number("max_bucket_reso")
    if lowest is not None and min(size) < lowest - lowest % steps:
        message = f"min_bucket_reso = {lowest} is larger than the resolution: the trainer stops"
        hint = f"set min_bucket_reso = {min(size) // steps * steps or steps}"
        yield case.finding("bucket_limits", "error", "min_bucket_reso", message, hint)
    if highest is not None and max(size) > highest + -highest % steps:
        message = f"max_bucket_reso = {highest} is smaller than the resolution: the trainer stops"
        hint = f"set max_bucket_reso = {max(size)} or more"
        yield case.finding("bucket_limits", "error", "max_bucket_reso", message, hint)


@rule
def bucket_values_ignored(case: Case) -> Iterator[Problem]:
    """Bucket options that have no effect."""
    limits = [key for key in ("min_bucket_reso", "max_bucket_reso") if case.given(key)]
    if not case.get("enable_bucket"):
        limits += [k for k in ("bucket_reso_steps", "bucket_no_upscale") if case.given(k)]
        reason = "enable_bucket is off"
    elif case.get("bucket_no_upscale"):
        reason = "bucket_no_upscale is on: sizes follow the images"
    else:
        return
    for key in limits:
        message = f"{key} has no effect, since {reason}"
        yield case.finding("ignored_value", "info", key, message, "take it out")


@rule
def image_sizes(case: Case) -> Iterator[Problem]:
    """Images of another size than their bucket are resized, cropped, or stop the trainer."""
    if not case.sizes or case.resolution is None:
        return
    if not case.get("enable_bucket"):
        yield from _without_buckets(case, case.resolution, case.sizes)
        return
    left = dict(case.sizes)
    if case.get("bucket_no_upscale"):
        tiny = {found: left.pop(found) for found in case.sizes if min(found) < STEP}
        if tiny:
            yield _too_small(case, tiny)
    yield from _in_buckets(case, case.resolution, left)


def _without_buckets(case: Case, size: tuple[int, int], sizes: Sizes) -> Iterator[Problem]:
    others = {found: n for found, n in sizes.items() if found != size}
    if others and not case.get("cache_latents") and not case.get("cache_latents_to_disk"):
        message = (
            f"{_count(others)} are not {size[0]}x{size[1]}: without buckets and cache_latents the "
            'trainer stops with "image too large, but cropping and bucketing are disabled"'
        )
        yield case.finding(
            "size_differs", "error", "resolution", message, "set enable_bucket = true"
        )
    elif others:
        yield _resized(case, others, f"{size[0]}x{size[1]}")


def _too_small(case: Case, tiny: Sizes) -> Problem:
    message = (
        f"{_count(tiny)} have a side under {STEP} pixels: with bucket_no_upscale the trainer "
        "stops (ZeroDivisionError)"
    )
    hint = "prepare the images larger"
    return case.finding("image_too_small", "error", "bucket_no_upscale", message, hint)


def _in_buckets(case: Case, size: Size, sizes: Sizes) -> Iterator[Problem]:
    rules = options_of(case.values, size)
    try:
        fits = {found: fit(found, rules) for found in sizes}
    except AppError:
        return  # No bucket at all: bucket_limits says so.
    resized = {found: sizes[found] for found, way in fits.items() if way.resized != found}
    if resized:
        targets = sorted({fits[found].size for found in resized})
        yield _resized(case, resized, _named(targets, "their bucket"))
    cut = {
        found: sizes[found]
        for found, way in fits.items()
        if way.resized == found and way.size != found
    }
    if cut:
        message = f"{_count(cut)} are no multiple of {rules.bucket_steps}: their edges are cut off"
        hint = f"prepare them at a multiple of {rules.bucket_steps}"
        yield case.finding("edges_cut_off", "warning", "resolution", message, hint)


def _named(targets: Sequence[Size], several: str) -> str:
    return f"{targets[0][0]}x{targets[0][1]}" if len(targets) == 1 else several


def _resized(case: Case, sizes: Sizes, target: str) -> Problem:
    if case.get("resize_interpolation") == "nearest":
        message = f"{_count(sizes)} are resized to {target} (nearest) while training"
        if not case.embedded:
            message += "; sd-scripts older than 2025 ignores resize_interpolation and blurs"
        hint = "prepare them at the training size"
        return case.finding("resized_by_trainer", "info", "resize_interpolation", message, hint)
    message = f"{_count(sizes)} are resized to {target} while training, which blurs pixel edges"
    hint = 'prepare them at the training size, or set resize_interpolation = "nearest"'
    return case.finding("resized_by_trainer", "warning", "resize_interpolation", message, hint)


def _count(sizes: Sizes) -> str:
    shown = ", ".join(f"{w}x{h}" for w, h in sorted(sizes)[:3])
    more = ", ..." if len(sizes) > 3 else ""
    return f"{sum(sizes.values())} images ({shown}{more})"
