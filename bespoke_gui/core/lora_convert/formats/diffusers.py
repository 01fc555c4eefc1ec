"""diffusers: pytorch_lora_weights.safetensors; UNet and text encoder in one file, no alpha.

Newer diffusers put alpha into the metadata; older ones read none, so ours is in the weights.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lora_convert.formats import LORA_FORMATS, LoraFormat, Source
from bespoke_gui.core.lora_convert.formats._adapter import alpha_in
from bespoke_gui.core.lora_convert.layers import PARTS, Layer, Tensors, both_halves, by_module
from bespoke_gui.core.lora_convert.names import clip_path
from bespoke_gui.core.lora_convert.numbers import Half, decode

ADAPTERS = "lora_adapter_metadata"
_NAME = re.compile(
    r"(?P<module>.+)\.(?P<what>alpha|(lora_A|lora_B|lora\.down|lora\.up|lora_linear_layer\.down"
    r"|lora_linear_layer\.up)\.weight)"
)
_DOWN = re.compile(r"lora_A|\.down|lora\.down")


def read(source: Source) -> list[Layer]:
    """Read every module; alpha from the file or its metadata, else the rank."""
    modules = by_module(source.tensors, _split, source.path)
    told = _told(source)
    return [_layer(module, parts, told, source) for module, parts in sorted(modules.items())]


def write(layers: Sequence[Layer]) -> Tensors:
    """Return both halves of every layer; alpha must be in the weights already."""
    found: Tensors = {}
    for layer in layers:
        found[f"{layer.name}.lora_A.weight"] = layer.down
        found[f"{layer.name}.lora_B.weight"] = layer.up
    return found


def _split(name: str) -> tuple[str, str] | None:
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    what = match["what"]
    kind = "alpha" if what == "alpha" else "down" if _DOWN.search(what) else "up"
    return match["module"].replace(".processor.", "."), kind


def _layer(module: str, parts: dict[str, Half], told: Mapping[str, Any], source: Source) -> Layer:
    down, up = both_halves(parts, "down", "up", module, source.path)
    part, _, path = module.partition(".")
    if part not in PARTS:
        raise AppError(f"was made for another kind of network: {module}", file=source.path)
    rank = down.shape[0]
    if "alpha" in parts:
        alpha = float(decode(parts["alpha"]).reshape(-1)[0]) or rank
    else:
        start = f"{part}."
        config = {k.removeprefix(start): v for k, v in told.items() if k.startswith(start)}
        alpha = alpha_in(config, path, rank, source.path)
    return Layer(part, clip_path(part, path), down, up, alpha)


def _told(source: Source) -> Mapping[str, Any]:
    try:
        found = json.loads(source.metadata.get(ADAPTERS, "{}"))
    except ValueError as error:
        text = "has adapter settings in its metadata that cannot be read"
        raise AppError(text, file=source.path) from error
    return found if isinstance(found, dict) else {}


LORA_FORMATS.add("diffusers", LoraFormat("diffusers", read, write))
