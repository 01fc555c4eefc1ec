"""Layers: what every LoRA file says, whatever its format: down, up and alpha of one layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lora_convert.numbers import Half

PARTS = ("unet", "text_encoder", "text_encoder_2")
SDXL_WIDTH = 2048
Tensors = dict[str, Half]


@dataclass(frozen=True)
class Layer:
    """One layer: weight += alpha / rank * up @ down.

    part: one of PARTS. path: the module's name in diffusers, with dots ("mid_block.…"; of a text
    encoder "text_model.encoder.…"). down: (rank, in) or (rank, in, h, w). up: (out, rank) or
    (out, rank, 1, 1). alpha_dtype: how the file had it, "" where it is stored nowhere. calculated:
    from products that the file holds, instead of read as it is.
    """

    part: str
    path: str
    down: Half
    up: Half
    alpha: float
    alpha_dtype: str = ""
    calculated: bool = False

    @property
    def rank(self) -> int:
        return self.down.shape[0]

    @property
    def factor(self) -> float:
        """What up @ down is multiplied with."""
        return self.alpha / self.rank

    @property
    def name(self) -> str:
        """Part and path in one, unique within a file."""
        return f"{self.part}.{self.path}"

    def with_up(self, up: Half, alpha: float) -> Layer:
        return replace(self, up=up, alpha=alpha)


def by_module(
    tensors: Mapping[str, Half], split: Callable[[str], tuple[str, str] | None], file: Path
) -> dict[str, dict[str, Half]]:
    """Group tensors by module: `split` gives (module, what) of a tensor's name, or None.

    Raises AppError naming the first tensor that the format does not know.
    """
    found: dict[str, dict[str, Half]] = {}
    for name, half in tensors.items():
        pair = split(name)
        if pair is None:
            raise unknown_tensor(name, file)
        found.setdefault(pair[0], {})[pair[1]] = half
    return found


def unknown_tensor(name: str, file: Path) -> AppError:
    """Return the refusal of a tensor that no plain LoRA has."""
    if "dora_scale" in name or "magnitude" in name:
        return AppError("is a DoRA: its magnitudes have no place in a LoRA", file=file, hint=name)
    hint = f"for example {name}"
    return AppError("holds tensors that no plain LoRA has", file=file, hint=hint)


def check_layers(layers: Sequence[Layer], file: Path) -> list[Layer]:
    """Return layers sorted by name; AppError for none, doubles and halves that do not fit."""
    if not layers:
        raise AppError("holds no LoRA layers", file=file)
    other = next((layer.name for layer in layers if _is_sdxl(layer)), "")
    if other:
        hint = "files of SDXL name their layers otherwise in each format; they are not converted"
        raise AppError(f"was made for SDXL: {other}", file=file, hint=hint)
    seen: set[str] = set()
    for layer in layers:
        if layer.name in seen:
            raise AppError(f"names {layer.name} twice", file=file)
        seen.add(layer.name)
        if len(layer.up.shape) < 2 or len(layer.down.shape) < 2 or layer.up.shape[1] != layer.rank:
            raise AppError(f"has halves of different rank in {layer.name}", file=file)
    return sorted(layers, key=lambda layer: layer.name)


def _is_sdxl(layer: Layer) -> bool:
    """Only SDXL has a second text encoder, several blocks a transformer, or its wide captions."""
    captions = layer.path.endswith(("attn2.to_k", "attn2.to_v"))
    wide = captions and len(layer.down.shape) > 1 and layer.down.shape[1] == SDXL_WIDTH
    return wide or layer.part == "text_encoder_2" or "transformer_blocks.1." in layer.path


def both_halves(
    parts: Mapping[str, Half], down: str, up: str, module: str, file: Path
) -> tuple[Half, Half]:
    """Return down and up of a module; raises AppError when one is missing."""
    if down not in parts or up not in parts:
        raise AppError(f"lacks one half of {module}", file=file, hint="download or train it again")
    return parts[down], parts[up]
