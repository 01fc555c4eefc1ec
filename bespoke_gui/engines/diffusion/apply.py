"""Apply: add a kohya LoRA to a pipeline's weights, count every module, and take it off again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lorafile import complete, inspect

CONVERT = "bespoke lora convert FILE --to kohya --out NEW"
HINTS = {
    **dict.fromkeys(("diffusers", "peft", "lokr", "loha"), CONVERT),
    "cloneofsimo": "this old format is not supported",
    "attn-processor": f"diffusers would load none of it; {CONVERT}",
    "unknown": "is it a LoRA?",
}  # fmt: skip


def unet_key(name: str) -> str:
    """The kohya name of a UNet module."""
    return "lora_unet_" + name.replace(".", "_")


def text_key(name: str) -> str:
    """The kohya name of a text-encoder module; transformers 5 dropped `text_model.` from names."""
    inner = name if name.startswith("text_model.") else f"text_model.{name}"
    return "lora_te_" + inner.replace(".", "_")


def layers(pipe: Any) -> dict[str, torch.nn.Module]:
    """Every Linear and Conv2d that a LoRA may change, by its kohya name."""
    return {**_named(pipe.unet, unet_key), **_named(pipe.text_encoder, text_key)}


def _named(model: torch.nn.Module, key: Any) -> dict[str, torch.nn.Module]:
    kinds = (torch.nn.Linear, torch.nn.Conv2d)
    return {key(name): part for name, part in model.named_modules() if isinstance(part, kinds)}


class LoraSwitch:
    """Puts one LoRA at a time into a pipeline: W + scale * alpha / rank * up @ down.

    The base's own weights are kept, so that taking a LoRA off gives them back to the bit.
    """

    def __init__(self, pipe: Any) -> None:
        self._layers = layers(pipe)
        self._kept: dict[str, torch.Tensor] = {}

    def put_on(self, path: Path, scale: float = 1.0) -> int:
        """Apply a file in place of the one before; return how many modules it changed.

        Raises AppError when the format is not kohya's, a module is not in this base, or a shape
        does not fit; the base is then left as it was.
        """
        self.take_off()
        tensors = read_kohya(path)
        modules = sorted({name.split(".", 1)[0] for name in tensors})
        self._check_known(path, modules)
        deltas = [(name, _delta(path, tensors, name, scale)) for name in modules]
        for name, delta in deltas:
            self._check_shape(path, name, delta)
        for name, delta in deltas:
            self._add(name, delta)
        return len(deltas)

    def take_off(self) -> None:
        """Give the base its own weights back."""
        for name, weight in self._kept.items():
            self._weight(name).data.copy_(weight)
        self._kept = {}

    def _weight(self, name: str) -> torch.Tensor:
        return self._layers[name].weight  # type: ignore[return-value]

    def _add(self, name: str, delta: torch.Tensor) -> None:
        weight = self._weight(name)
        self._kept[name] = weight.detach().to("cpu", copy=True)
        sum_ = weight.detach().float() + delta.to(weight.device).reshape(weight.shape)
        weight.data.copy_(sum_)

    def _check_known(self, path: Path, modules: list[str]) -> None:
        unknown = [name for name in modules if name not in self._layers]
        if unknown or not modules:
            raise AppError(
                f"{len(unknown)} of its {len(modules)} modules are not in this base model",
                file=path, hint=f"it was made for another base: {', '.join(unknown[:1])}",
            )  # fmt: skip

    def _check_shape(self, path: Path, name: str, delta: torch.Tensor) -> None:
        weight = self._weight(name)
        if delta.numel() != weight.numel() or delta.shape[0] != weight.shape[0]:
            raise AppError(
                f"{name} does not fit this base model",
                file=path,
                hint="use the base it was made for",
            )


def read_kohya(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a kohya file; AppError for every other format, by its keys alone."""
    info = inspect(path)
    if info.format != "kohya":
        raise AppError(f"is a LoRA in {info.format} format", file=path, hint=HINTS[info.format])
    complete(path)
    return load_file(path)


def _delta(path: Path, tensors: dict[str, torch.Tensor], name: str, scale: float) -> torch.Tensor:
    down = tensors[f"{name}.lora_down.weight"].float()
    up = tensors[f"{name}.lora_up.weight"].float()
    rank = down.shape[0]
    if up.shape[1] != rank:
        raise AppError(f"{name} has halves of different rank", file=path)
    alpha = float(tensors[f"{name}.alpha"]) if f"{name}.alpha" in tensors else 0.0
    factor = scale * ((alpha or rank) / rank)
    product = up.flatten(1) @ down.flatten(1)
    return (product * factor).reshape(up.shape[0], *down.shape[1:])
