"""The original Stable Diffusion layout: one file, names as the first releases had them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

RESNET = {
    "norm1": "in_layers.0", "conv1": "in_layers.2", "norm2": "out_layers.0",
    "conv2": "out_layers.3", "time_emb_proj": "emb_layers.1", "conv_shortcut": "skip_connection",
}  # fmt: skip
HEADS = {
    "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
    "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2",
}  # fmt: skip
MIDDLE = {"resnets.0": "0", "attentions.0": "1", "resnets.1": "2"}
ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def save_single_file(pipe: Any, path: Path) -> None:
    """Write all weights of a pipeline into one .safetensors file."""
    tensors = {}
    for name, tensor in pipe.unet.state_dict().items():
        tensors["model.diffusion_model." + unet_name(name)] = tensor
    for name, tensor in pipe.vae.state_dict().items():
        flat = "mid_block.attentions" in name and name.endswith("weight") and tensor.dim() == 2
        tensors["first_stage_model." + vae_name(name)] = (
            tensor[:, :, None, None] if flat else tensor
        )
    for name, tensor in pipe.text_encoder.state_dict().items():
        inner = name.removeprefix("text_model.")
        tensors[f"cond_stage_model.transformer.text_model.{inner}"] = tensor
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)


def unet_name(name: str) -> str:
    """diffusers' name of a UNet weight to the original one."""
    for new, old in HEADS.items():
        if name.startswith(new + "."):
            return old + name[len(new) :]
    match = re.match(r"(down|up)_blocks\.(\d)\.(\w+)\.(\d)\.(.+)", name)
    if match:
        side, block, kind, index, rest = match.groups()
        return _block(side, int(block), kind, int(index), rest)
    _, kind, rest = name.split(".", 2)
    index, rest = rest.split(".", 1)
    kind = f"{kind}.{index}"
    return f"middle_block.{MIDDLE[kind]}.{_inner(kind, rest)}"


def _block(side: str, block: int, kind: str, index: int, rest: str) -> str:
    if kind == "downsamplers":
        return f"input_blocks.{3 * (block + 1)}.0.op.{rest.split('.', 1)[1]}"
    if kind == "upsamplers":
        return f"output_blocks.{3 * block + 2}.{2 if block else 1}.{rest}"
    place = 3 * block + index
    head = f"input_blocks.{place + 1}" if side == "down" else f"output_blocks.{place}"
    return f"{head}.{0 if kind == 'resnets' else 1}.{_inner(kind, rest)}"


def _inner(kind: str, rest: str) -> str:
    if not kind.startswith("resnets"):
        return rest
    first, last = rest.split(".", 1)
    return f"{RESNET[first]}.{last}"


def vae_name(name: str) -> str:
    """diffusers' name of an autoencoder weight to the original one."""
    name = name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    name = re.sub(r"down_blocks\.(\d)\.resnets\.(\d)", r"down.\1.block.\2", name)
    name = re.sub(r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample", name)
    name = re.sub(
        r"up_blocks\.(\d)\.resnets\.(\d)", lambda m: f"up.{3 - int(m[1])}.block.{m[2]}", name
    )
    name = re.sub(r"up_blocks\.(\d)\.upsamplers\.0", lambda m: f"up.{3 - int(m[1])}.upsample", name)
    name = name.replace("mid_block.resnets.0", "mid.block_1").replace(
        "mid_block.resnets.1", "mid.block_2"
    )
    match = re.match(r"(.*mid_block)\.attentions\.0\.(.+)\.(weight|bias)$", name)
    if match:
        return f"{match[1].replace('mid_block', 'mid')}.attn_1.{ATTENTION[match[2]]}.{match[3]}"
    return name
