"""LoKr: Kronecker products of LyCORIS, read only; exact as LoRAs where a half is factorised."""

from __future__ import annotations

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lora_convert.formats import LORA_FORMATS, LoraFormat, Source
from bespoke_gui.core.lora_convert.formats._products import (
    Pair,
    factorised,
    kronecker,
    layer_of,
    whole,
)
from bespoke_gui.core.lora_convert.formats.kohya import ALPHA, alpha_of, place
from bespoke_gui.core.lora_convert.layers import Layer, by_module
from bespoke_gui.core.lora_convert.numbers import Half

_KNOWN = {
    "lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t2", ALPHA,
}  # fmt: skip


def read(source: Source) -> list[Layer]:
    """Read every module as a LoRA of the product of both ranks."""
    modules = by_module(source.tensors, _split, source.path)
    return [_layer(module, parts, source) for module, parts in sorted(modules.items())]


def _split(name: str) -> tuple[str, str] | None:
    module, _, what = name.partition(".")
    return (module, what) if what in _KNOWN else None


def _layer(module: str, parts: dict[str, Half], source: Source) -> Layer:
    part, path = place(module, source.path)
    one, two = _matrix(module, parts, 1, source), _matrix(module, parts, 2, source)
    return layer_of(part, path, kronecker(one, two), _factor(parts), source.path)


def _matrix(module: str, parts: dict[str, Half], number: int, source: Source) -> Pair:
    name = f"lokr_w{number}"
    if name in parts:
        return whole(parts[name])
    if f"{name}_a" not in parts or f"{name}_b" not in parts:
        raise AppError(f"lacks one half of {module}", file=source.path)
    return factorised(parts[f"{name}_a"], parts[f"{name}_b"], parts.get(f"lokr_t{number}"))


def _factor(parts: dict[str, Half]) -> float:
    """LyCORIS scales by alpha / rank of a factorised half, and by 1 where neither is."""
    for name in ("lokr_w1_b", "lokr_w2_b"):
        if name in parts:
            rank = parts[name].shape[0]
            return alpha_of(parts, rank) / rank
    return 1.0


LORA_FORMATS.add("lokr", LoraFormat("LyCORIS LoKr", read))
