"""Kinds of base models, told from the names and shapes in a file's header."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bespoke_gui.core.lorafile import Tensor, classify

TITLES = {
    "embedded": "Bespoke's own small base",
    "sd15": "Stable Diffusion 1.x", "sd2": "Stable Diffusion 2", "sdxl": "SDXL",
    "sdxl_refiner": "SDXL refiner", "sd3": "Stable Diffusion 3", "flux": "Flux",
    "unet": "a UNet alone", "vae": "a VAE alone", "lora": "a LoRA", "unknown": "unknown",
}  # fmt: skip
_UNET = "model.diffusion_model."
# Names that only one kind has, most telling first.
_MARKS = (
    ("sd3", f"{_UNET}joint_blocks."), ("flux", f"{_UNET}double_blocks."),
    ("flux", "double_blocks."), ("sdxl", "conditioner.embedders.1."),
    ("sdxl_refiner", "conditioner.embedders.0."), ("sd2", "cond_stage_model.model."),
    ("sd15", "cond_stage_model.transformer."),
)  # fmt: skip
_PIPELINES = {
    "StableDiffusionXL": "sdxl", "StableDiffusion3": "sd3", "Flux": "flux",
    "StableDiffusion": "sd15",
}  # fmt: skip
_WIDTHS = {768: "sd15", 1024: "sd2", 2048: "sdxl", 1280: "sdxl_refiner"}
INPAINTING_CHANNELS = 9


def kind_of_tensors(tensors: Mapping[str, Tensor]) -> str:
    """Return a key of TITLES for a single file of weights."""
    for kind, mark in _MARKS:
        if any(name.startswith(mark) for name in tensors):
            return kind
    if classify(tensors) != "unknown":
        return "lora"
    if any(name.startswith((_UNET, "down_blocks.", "conv_in.weight")) for name in tensors):
        return "unet"
    vae = ("first_stage_model.", "decoder.", "encoder.down_blocks.")
    return "vae" if any(name.startswith(vae) for name in tensors) else "unknown"


def kind_of_pipeline(index: Mapping[str, Any], unet: Mapping[str, Any]) -> str:
    """Return a key of TITLES for a folder of diffusers: model_index.json and unet/config.json."""
    name = str(index.get("_class_name", ""))
    for start, kind in _PIPELINES.items():
        if name.startswith(start):
            width = unet.get("cross_attention_dim")
            return _WIDTHS.get(width, kind) if isinstance(width, int) else kind
    return "unknown"


def is_inpainting(tensors: Mapping[str, Tensor], unet: Mapping[str, Any]) -> bool:
    """Whether the UNet takes a mask and a masked picture beside the noise."""
    first = tensors.get(f"{_UNET}input_blocks.0.0.weight")
    channels = first.shape[1] if first and len(first.shape) > 1 else unet.get("in_channels")
    return channels == INPAINTING_CHANNELS
