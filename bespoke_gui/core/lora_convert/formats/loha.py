"""LoHa: Hadamard products of LyCORIS, read only; exact as LoRAs of the rank squared."""

from __future__ import annotations

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lora_convert.formats import LORA_FORMATS, LoraFormat, Source
from bespoke_gui.core.lora_convert.formats._products import Pair, factorised, hadamard, layer_of
from bespoke_gui.core.lora_convert.formats.kohya import ALPHA, alpha_of, place
from bespoke_gui.core.lora_convert.layers import Layer, by_module
from bespoke_gui.core.lora_convert.numbers import Half

_NEEDED = ("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b")
_KNOWN = {*_NEEDED, "hada_t1", "hada_t2", ALPHA}


def read(source: Source) -> list[Layer]:
    """Read every module as a LoRA of the rank squared."""
    modules = by_module(source.tensors, _split, source.path)
    return [_layer(module, parts, source) for module, parts in sorted(modules.items())]


def _split(name: str) -> tuple[str, str] | None:
    module, _, what = name.partition(".")
    return (module, what) if what in _KNOWN else None


def _layer(module: str, parts: dict[str, Half], source: Source) -> Layer:
    if any(name not in parts for name in _NEEDED):
        raise AppError(f"lacks one half of {module}", file=source.path)
    part, path = place(module, source.path)
    rank = parts["hada_w1_b"].shape[0]
    pair = hadamard(_matrix(parts, 1), _matrix(parts, 2))
    return layer_of(part, path, pair, alpha_of(parts, rank) / rank, source.path)


def _matrix(parts: dict[str, Half], number: int) -> Pair:
    return factorised(
        parts[f"hada_w{number}_a"], parts[f"hada_w{number}_b"], parts.get(f"hada_t{number}")
    )


LORA_FORMATS.add("loha", LoraFormat("LyCORIS LoHa", read))
