"""Figures in words people read at a glance: sizes, times, learning rates, measures."""

from __future__ import annotations

import datetime
import math

DASH = "–"


def size(count: int) -> str:
    """Return bytes as "37.9 MB" (decimal units, as file managers show them)."""
    value = float(count)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.2f} GB"


def duration(seconds: float | None) -> str:
    """Return seconds as "45 s", "12:05 min" or "3:07 h"."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return DASH
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02d} h"


def rate(value: float | None) -> str:
    """Return a learning rate as "5.0e-5"; 0 stays "0"."""
    if value is None or not math.isfinite(value):
        return DASH
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def figure(value: float | None) -> str:
    """Return a measured number with three significant digits, whole numbers as they are."""
    if value is None or not math.isfinite(value):
        return DASH
    if abs(value) >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.3g}" if abs(value) >= 0.001 or value == 0 else f"{value:.1e}"


def sentence(text: str, name: str = "") -> str:
    """Return a message as the window shows it: with a capital, except where a name begins it.

    Names are `name`, and whatever is no plain word: "bucket_resolution", "a/b", "sdpa = true".
    """
    first, _, rest = text.partition(" ")
    word = first.rstrip(",;:")
    if not word.isalpha() or word == name or rest.startswith("="):
        return text
    return text[:1].upper() + text[1:]


def clock(stamp: float) -> str:
    """Return seconds since 1970 as local "14:03:22", empty for 0."""
    return f"{datetime.datetime.fromtimestamp(stamp):%H:%M:%S}" if stamp > 0 else ""


def count(number: int, one: str, many: str = "") -> str:
    """Return "1 epoch", "8 epochs" or "1,105 colours"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def epoch(number: int) -> str:
    """Return "Epoch 8" or "LoRA off", to begin a line with."""
    from bespoke_gui.core.gallery import epoch_title

    title = epoch_title(number)
    return f"{title[:1].upper()}{title[1:]}"


def signed(value: float) -> str:
    """Return "+0.43" or "−0.31", with the sign that is as wide as the plus."""
    # Adding 0 to a rounded value takes the sign off -0.00.
    return f"{round(value, 2) + 0.0:+.2f}".replace("-", "−")
