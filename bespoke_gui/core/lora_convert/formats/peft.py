"""peft: adapter_model.safetensors with adapter_config.json beside, one folder a model.

transformers 5 dropped "text_model." from the names of CLIP's layers; peft finds a layer by its
name only, so files are written for transformers 5, and read from either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lora_convert.formats import LORA_FORMATS, LoraFormat, Source
from bespoke_gui.core.lora_convert.formats._adapter import alpha_in
from bespoke_gui.core.lora_convert.layers import PARTS, Layer, Tensors, both_halves, by_module
from bespoke_gui.core.lora_convert.names import TEXT_MODEL, clip_path
from bespoke_gui.core.lora_convert.numbers import Half

PREFIX = "base_model.model."
DOWN, UP = "lora_A.weight", "lora_B.weight"
_UNET = ("down_blocks.", "up_blocks.", "mid_block.", "conv_in", "conv_out", "time_embedding.")


def read(source: Source) -> list[Layer]:
    """Read every module; which model it is of follows from the module's name."""
    modules = by_module(source.tensors, _split, source.path)
    return [_layer(module, parts, source) for module, parts in sorted(modules.items())]


def write(layers: Sequence[Layer]) -> Tensors:
    """Return both halves of every layer; with layers of one part only, without the part's name."""
    several = len({layer.part for layer in layers}) > 1
    found: Tensors = {}
    for layer in layers:
        name = f"{layer.part}.{_here(layer)}" if several else _here(layer)
        found[f"{PREFIX}{name}.{DOWN}"], found[f"{PREFIX}{name}.{UP}"] = layer.down, layer.up
    return found


def adapter_config(layers: Sequence[Layer]) -> dict[str, Any]:
    """Return what adapter_config.json says of the layers of one model: modules, ranks, alphas."""
    rank = Counter(layer.rank for layer in layers).most_common(1)[0][0]
    alpha = Counter(layer.alpha for layer in layers).most_common(1)[0][0]
    return {
        "peft_type": "LORA", "task_type": None, "inference_mode": True, "bias": "none",
        "r": rank, "lora_alpha": _short(alpha), "lora_dropout": 0.0,
        "target_modules": sorted(_here(layer) for layer in layers),
        "rank_pattern": {_here(x): x.rank for x in layers if x.rank != rank},
        "alpha_pattern": {_here(x): _short(x.alpha) for x in layers if x.alpha != alpha},
        "base_model_name_or_path": None, "use_rslora": False, "use_dora": False,
    }  # fmt: skip


def _here(layer: Layer) -> str:
    return layer.path.removeprefix(TEXT_MODEL)


def _short(alpha: float) -> float | int:
    return int(alpha) if alpha == int(alpha) else alpha


def _split(name: str) -> tuple[str, str] | None:
    for what in (DOWN, UP):
        if name.startswith(PREFIX) and name.endswith(f".{what}"):
            return name.removeprefix(PREFIX).removesuffix(f".{what}"), what
    return None


def _layer(module: str, parts: dict[str, Half], source: Source) -> Layer:
    down, up = both_halves(parts, DOWN, UP, module, source.path)
    part, path = _place(module, source)
    named = module.removeprefix(f"{part}.")
    alpha = alpha_in(source.config, named, down.shape[0], source.path)
    return Layer(part, path, down, up, alpha)


def _place(module: str, source: Source) -> tuple[str, str]:
    first, _, rest = module.partition(".")
    if first in PARTS:
        return first, clip_path(first, rest)
    if module.startswith(_UNET):
        return "unet", module
    if module.startswith((TEXT_MODEL, "encoder.layers.")):
        return "text_encoder", clip_path("text_encoder", module)
    raise AppError(f"was made for another kind of network: {module}", file=source.path)


LORA_FORMATS.add("peft", LoraFormat("peft", read, write))
