"""Names: a module's dotted name in diffusers from the name with underscores that kohya gives it."""

from __future__ import annotations

import re
from functools import cache

KOHYA_PARTS = {
    "lora_unet_": "unet", "lora_te1_": "text_encoder", "lora_te2_": "text_encoder_2",
    "lora_te_": "text_encoder",
}  # fmt: skip
TEXT_MODEL = "text_model."
# Names of modules in diffusers' UNets and transformers' CLIP that have underscores in them.
_JOINED = (
    "down_blocks", "up_blocks", "mid_block", "transformer_blocks", "to_q", "to_k", "to_v",
    "to_out", "proj_in", "proj_out", "conv_in", "conv_out", "conv_shortcut", "time_emb_proj",
    "time_embedding", "add_embedding", "linear_1", "linear_2", "text_model", "self_attn",
    "q_proj", "k_proj", "v_proj", "out_proj", "text_projection", "token_embedding",
    "position_embedding",
)  # fmt: skip
_SINGLE = (
    "attentions", "resnets", "downsamplers", "upsamplers", "attn1", "attn2", "ff", "net", "proj",
    "conv", "conv1", "conv2", "encoder", "layers", "mlp", "fc1", "fc2", "embeddings",
)  # fmt: skip
_WORD = re.compile(
    "(?:" + "|".join(sorted((*_JOINED, *_SINGLE, r"\d+"), key=len, reverse=True)) + ")(?:_|$)"
)


def kohya_name(part: str, path: str, *, two_encoders: bool = False) -> str:
    """Return the name that sd-scripts gives a module; with two text encoders they are numbered."""
    number = {"text_encoder": "1" if two_encoders else "", "text_encoder_2": "2"}.get(part, "")
    prefix = "lora_unet_" if part == "unet" else f"lora_te{number}_"
    return prefix + path.replace(".", "_")


@cache
def from_kohya(name: str) -> tuple[str, str] | None:
    """Return (part, dotted path) of a kohya module name, or None for one of another network."""
    for prefix, part in KOHYA_PARTS.items():
        if name.startswith(prefix):
            path = _dotted(name.removeprefix(prefix))
            return (part, path) if path else None
    return None


def _dotted(name: str) -> str:
    """Put dots back: every piece must be a known word, so that nothing is guessed."""
    words, at = [], 0
    while at < len(name):
        match = _WORD.match(name, at)
        if match is None:
            return ""
        words.append(match[0].removesuffix("_"))
        at = match.end()
    return ".".join(words)


def clip_path(part: str, path: str) -> str:
    """Return a text encoder's path with the "text_model." that transformers 5 dropped."""
    return path if part == "unet" else TEXT_MODEL + path.removeprefix(TEXT_MODEL)


def kernel_of(path: str) -> int:
    """Return the kernel's side of a UNet convolution by its name; 0 for a linear layer.

    The projections around a transformer are 1x1 convolutions in Stable Diffusion 1.x.
    """
    last = path.rsplit(".", 1)[-1]
    if last in ("conv", "conv1", "conv2", "conv_in", "conv_out"):
        return 3
    outside = "attentions" in path and "transformer_blocks" not in path
    return 1 if last == "conv_shortcut" or (outside and last in ("proj_in", "proj_out")) else 0
