"""kohya: what sd-scripts writes and most programs read; alpha is a tensor of each module."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lora_convert.formats import LORA_FORMATS, LoraFormat, Source
from bespoke_gui.core.lora_convert.layers import Layer, Tensors, both_halves, by_module
from bespoke_gui.core.lora_convert.names import from_kohya, kohya_name
from bespoke_gui.core.lora_convert.numbers import Half, as_dtype, decode, encode

DOWN, UP, ALPHA = "lora_down.weight", "lora_up.weight", "alpha"
MID = "lora_mid.weight"
"""LyCORIS' LoCon may have a kernel between two 1x1 convolutions; it is joined with the first."""


def read(source: Source) -> list[Layer]:
    """Read every module; its dotted name is put together from words that are known."""
    modules = by_module(source.tensors, _split, source.path)
    return [_layer(module, parts, source.path) for module, parts in sorted(modules.items())]


def write(layers: Sequence[Layer]) -> Tensors:
    """Return down, up and alpha of every layer under kohya's names."""
    two = any(layer.part == "text_encoder_2" for layer in layers)
    found: Tensors = {}
    for layer in layers:
        name = kohya_name(layer.part, layer.path, two_encoders=two)
        found[f"{name}.{DOWN}"], found[f"{name}.{UP}"] = layer.down, layer.up
        found[f"{name}.{ALPHA}"] = _alpha(layer)
    return found


def alpha_of(parts: dict[str, Half], rank: int) -> float:
    """Return a module's alpha; sd-scripts takes none and 0 for the rank."""
    return float(decode(parts[ALPHA]).reshape(-1)[0]) or rank if ALPHA in parts else rank


def place(module: str, file: Path) -> tuple[str, str]:
    """Return part and dotted path of a kohya name; raises AppError for other networks' names."""
    found = from_kohya(module)
    if found is None:
        text = f"was made for another kind of network: {module} is no layer of Stable Diffusion 1.x"
        raise AppError(text, file=file, hint="SDXL and others are not converted")
    return found


def _split(name: str) -> tuple[str, str] | None:
    module, _, what = name.partition(".")
    return (module, what) if what in (DOWN, UP, ALPHA, MID) else None


def _layer(module: str, parts: dict[str, Half], file: Path) -> Layer:
    down, up = both_halves(parts, DOWN, UP, module, file)
    if MID in parts:
        down, up = _joined(down, parts[MID]), as_dtype(up, "F32")
    part, path = place(module, file)
    dtype = parts[ALPHA].dtype if ALPHA in parts else ""
    alpha = alpha_of(parts, down.shape[0])
    return Layer(part, path, down, up, alpha, dtype, calculated=MID in parts)


def _joined(down: Half, middle: Half) -> Half:
    """Return both convolutions as one, (rank, in, h, w), in F32."""
    first = decode(down)
    first = first.reshape(first.shape[0], -1)
    return encode(np.einsum("ij...,jn->in...", decode(middle), first), "F32")


def _alpha(layer: Layer) -> Half:
    """The alpha in the dtype it had or the weights have, in F32 where that would round it."""
    for dtype in (layer.alpha_dtype or layer.down.dtype, "F32"):
        half = encode(np.asarray(layer.alpha), dtype)
        if float(decode(half)) == layer.alpha:
            break
    return half


LORA_FORMATS.add("kohya", LoraFormat("kohya (sd-scripts)", read, write, keeps_alpha=True))
