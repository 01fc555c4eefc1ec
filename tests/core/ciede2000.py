"""CIEDE2000, the measure of how far pictures of tests are from what they should be."""

from __future__ import annotations

import numpy as np

from bespoke_gui.core.pixels.oklab import linear_light

_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_WHITE_D65 = np.array([0.95047, 1.0, 1.08883])
_LINEAR = linear_light()


def srgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    """Return float64 (..., 3) CIELAB (D65, 2 degrees; L 0..100) of uint8 sRGB (..., 3)."""
    ratio = _LINEAR[rgb] @ _XYZ.T / _WHITE_D65
    root = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def delta_e2000(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return float64 (...): CIEDE2000 between CIELAB arrays (..., 3).

    Sharma, Wu, Dalal: The CIEDE2000 Color-Difference Formula: Implementation Notes,
    Color Research and Application 30 (2005); kL = kC = kH = 1.
    """
    first, second = np.broadcast_arrays(np.asarray(first, float), np.asarray(second, float))
    mean_chroma = (_chroma(first) + _chroma(second)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(_high(mean_chroma))
    chroma1, hue1 = _polar(first, stretch)
    chroma2, hue2 = _polar(second, stretch)
    turn = _hue_step(hue1, hue2, chroma1 * chroma2)
    light = second[..., 0] - first[..., 0]
    chroma = chroma2 - chroma1
    hue = 2 * np.sqrt(chroma1 * chroma2) * np.sin(np.radians(turn) / 2)
    mean_light = (first[..., 0] + second[..., 0]) / 2
    mean_chroma = (chroma1 + chroma2) / 2
    mean_hue = _mean_hue(hue1, hue2, chroma1 * chroma2)
    return _combine(light, chroma, hue, mean_light, mean_chroma, mean_hue)


def _chroma(lab: np.ndarray) -> np.ndarray:
    return np.hypot(lab[..., 1], lab[..., 2])


def _high(chroma: np.ndarray) -> np.ndarray:
    return chroma**7 / (chroma**7 + 25.0**7)


def _polar(lab: np.ndarray, stretch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a = lab[..., 1] * stretch
    hue = np.degrees(np.arctan2(lab[..., 2], a)) % 360
    return np.hypot(a, lab[..., 2]), hue


def _hue_step(hue1: np.ndarray, hue2: np.ndarray, product: np.ndarray) -> np.ndarray:
    """Equation 10: the shorter way from the first to the second hue, degrees; 0 for greys."""
    step = hue2 - hue1
    step = np.where(step > 180, step - 360, np.where(step < -180, step + 360, step))
    return np.where(product == 0, 0.0, step)


def _mean_hue(hue1: np.ndarray, hue2: np.ndarray, product: np.ndarray) -> np.ndarray:
    """Equation 14: the mean hue, degrees; the sum where one colour is grey."""
    total = hue1 + hue2
    across = np.abs(hue1 - hue2) > 180
    middle = np.where(across, total + np.where(total < 360, 360, -360), total) / 2
    return np.where(product == 0, total, middle)


def _combine(
    light: np.ndarray,
    chroma: np.ndarray,
    hue: np.ndarray,
    mean_light: np.ndarray,
    mean_chroma: np.ndarray,
    mean_hue: np.ndarray,
) -> np.ndarray:
    """Equations 15 to 22: weigh the three differences and the rotation in the blues."""
    t = (
        1
        - 0.17 * np.cos(np.radians(mean_hue - 30))
        + 0.24 * np.cos(np.radians(2 * mean_hue))
        + 0.32 * np.cos(np.radians(3 * mean_hue + 6))
        - 0.20 * np.cos(np.radians(4 * mean_hue - 63))
    )
    square = (mean_light - 50) ** 2
    light = light / (1 + 0.015 * square / np.sqrt(20 + square))
    chroma = chroma / (1 + 0.045 * mean_chroma)
    hue = hue / (1 + 0.015 * mean_chroma * t)
    angle = 60 * np.exp(-(((mean_hue - 275) / 25) ** 2))
    rotation = -2 * np.sqrt(_high(mean_chroma)) * np.sin(np.radians(angle))
    return np.sqrt(light**2 + chroma**2 + hue**2 + rotation * chroma * hue)
