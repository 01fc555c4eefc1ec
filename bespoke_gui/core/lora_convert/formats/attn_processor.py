"""attn-processor: the first layout of diffusers, read only; its scale is 1."""

from __future__ import annotations

import re

from bespoke_gui.core.lora_convert.formats import LORA_FORMATS, LoraFormat, Source
from bespoke_gui.core.lora_convert.layers import Layer, both_halves, by_module
from bespoke_gui.core.lora_convert.numbers import Half

_NAME = re.compile(
    r"(unet\.)?(?P<block>.+)\.processor\.(?P<layer>to_[qkv]|to_out)_lora\.(?P<what>down|up)\.weight"
)


def read(source: Source) -> list[Layer]:
    """Read every module of the UNet's attention."""
    modules = by_module(source.tensors, _split, source.path)
    return [_layer(module, parts, source) for module, parts in sorted(modules.items())]


def _split(name: str) -> tuple[str, str] | None:
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    layer = "to_out.0" if match["layer"] == "to_out" else match["layer"]
    return f"{match['block']}.{layer}", match["what"]


def _layer(path: str, parts: dict[str, Half], source: Source) -> Layer:
    down, up = both_halves(parts, "down", "up", path, source.path)
    return Layer("unet", path, down, up, float(down.shape[0]))


LORA_FORMATS.add("attn-processor", LoraFormat("attention processors", read))
