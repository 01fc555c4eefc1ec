"""LoRA formats: one file each; what it reads into layers, and how layers are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bespoke_gui.core.lora_convert.layers import Layer, Tensors
from bespoke_gui.core.registry import Registry


@dataclass(frozen=True)
class Source:
    """One .safetensors file: all its tensors, its metadata, and an adapter_config.json beside."""

    path: Path
    tensors: Tensors
    metadata: Mapping[str, str]
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LoraFormat:
    """One format. `read` raises AppError for what no plain LoRA can say exactly.

    `write` returns the tensors of one file; None where nobody writes this format any more.
    `keeps_alpha`: whether alpha has a place beside the tensors of the format's files.
    """

    title: str
    read: Callable[[Source], list[Layer]]
    write: Callable[[Sequence[Layer]], Tensors] | None = None
    keeps_alpha: bool = False


LORA_FORMATS: Registry[LoraFormat] = Registry(
    "LoRA format", "bespoke_gui.core.lora_convert.formats"
)
