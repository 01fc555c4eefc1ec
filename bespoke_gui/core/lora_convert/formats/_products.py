"""Products of LyCORIS as plain LoRAs: the same change of the weights, of a higher rank.

Halves here are matrices: up (out, rank), down (rank, in * kernel); see LyCORIS' paper,
Yeh et al. 2024, "Navigating Text-To-Image Customization", arXiv:2309.14859.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lora_convert.layers import Layer
from bespoke_gui.core.lora_convert.names import kernel_of
from bespoke_gui.core.lora_convert.numbers import Array, Half, decode, encode


@dataclass(frozen=True)
class Pair:
    """A matrix as up @ down."""

    up: Array
    down: Array


def factorised(a: Half, b: Half, core: Half | None = None) -> Pair:
    """Return the pair of two factors, a (out, r) and b (r, in * kernel).

    With a Tucker core (r, r, h, w), a is (r, out) and b (r, in).
    """
    up, down = decode(a), decode(b)
    if core is None:
        return Pair(up, down.reshape(down.shape[0], -1))
    kernel = np.einsum("ij...,jn->in...", decode(core), down)
    return Pair(up.T, kernel.reshape(kernel.shape[0], -1))


def whole(matrix: Half) -> Pair:
    """Return a full matrix as a pair: itself and a matrix of ones, whichever side is shorter."""
    values = decode(matrix)
    values = values.reshape(values.shape[0], -1)
    rows, columns = values.shape
    if columns <= rows:
        return Pair(values, np.eye(columns))
    return Pair(np.eye(rows), values)


def kronecker(one: Pair, two: Pair) -> Pair:
    """(A B) x (C D) = (A x C)(B x D): exact, of the product of the ranks."""
    products = (np.kron(one.up, two.up), np.kron(one.down, two.down))
    return Pair(*(product.astype(np.float64) for product in products))


def hadamard(one: Pair, two: Pair) -> Pair:
    """(A B) * (C D): columns and rows multiplied in every combination; exact."""
    up = (one.up[:, :, None] * two.up[:, None, :]).reshape(one.up.shape[0], -1)
    down = (one.down[:, None, :] * two.down[None, :, :]).reshape(-1, one.down.shape[1])
    return Pair(up, down)


def layer_of(part: str, path: str, pair: Pair, factor: float, file: Path) -> Layer:
    """Return the layer of a product that is scaled by `factor`, in F32: products need its room.

    Raises AppError when its rank is that of the full weight, where a LoRA says nothing shorter.
    """
    rank = pair.down.shape[0]
    if rank >= min(pair.up.shape[0], pair.down.shape[1]):
        raise AppError(
            f"changes {part}.{path} by a matrix of full rank ({rank}), which no LoRA says shorter",
            file=file, hint="use it where LyCORIS files are read",
        )  # fmt: skip
    side = kernel_of(path) if part == "unet" else 0
    down, up = encode(pair.down, "F32"), encode(pair.up, "F32")
    if side:
        inner = pair.down.shape[1] // side**2
        if inner * side**2 != pair.down.shape[1]:
            raise AppError(f"has a wrong size in {part}.{path}", file=file)
        down = Half("F32", (rank, inner, side, side), down.raw)
        up = Half("F32", (pair.up.shape[0], rank, 1, 1), up.raw)
    return Layer(part, path, down, up, factor * rank, calculated=True)
