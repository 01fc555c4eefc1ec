"""Numbers of a tensor without torch: F16, BF16, F32 and F64 as numpy arrays and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bespoke_gui.core.errors import AppError

Array = NDArray[np.float64]
_KINDS = {
    "F16": np.dtype("<f2"), "F32": np.dtype("<f4"), "F64": np.dtype("<f8"),
    "I64": np.dtype("<i8"), "I32": np.dtype("<i4"),
}  # fmt: skip


@dataclass(frozen=True)
class Half:
    """A tensor as a .safetensors file holds it: dtype by safetensors' name, shape, raw bytes."""

    dtype: str
    shape: tuple[int, ...]
    raw: bytes


def decode(half: Half) -> Array:
    """Return a tensor's values, exactly; raises AppError for 8-bit and other dtypes."""
    if half.dtype == "BF16":
        wide = np.frombuffer(half.raw, "<u2").astype("<u4") << 16
        return wide.view("<f4").astype(np.float64).reshape(half.shape)
    if half.dtype not in _KINDS:
        raise AppError(f"cannot calculate with {half.dtype}", hint="save it as F16, BF16 or F32")
    return np.frombuffer(half.raw, _KINDS[half.dtype]).astype(np.float64).reshape(half.shape)


def encode(values: Array, dtype: str) -> Half:
    """Return values as a tensor of `dtype`, rounded to the nearest; too large becomes infinite."""
    with np.errstate(over="ignore"):
        raw = _bf16(values) if dtype == "BF16" else values.astype(_KINDS[dtype]).tobytes()
    return Half(dtype, values.shape, raw)


def as_dtype(half: Half, dtype: str) -> Half:
    """Return the tensor in another dtype; the same object where nothing changes."""
    return half if half.dtype == dtype else encode(decode(half), dtype)


def scaled(half: Half, factor: float, dtype: str = "") -> Half | None:
    """Return half * factor in `dtype` (its own), or None when that cannot be undone to the bit."""
    values = decode(half)
    found = encode(values * factor, dtype or half.dtype)
    back = encode(decode(found) / factor, half.dtype)
    return found if back.raw == half.raw else None


def _bf16(values: Array) -> bytes:
    bits = values.astype("<f4").view("<u4")
    nearest = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    # Rounding would carry a NaN's bits over into an infinity.
    kept = np.where(np.isnan(values), (bits >> 16) | 0x40, nearest)
    return kept.astype("<u2").tobytes()
