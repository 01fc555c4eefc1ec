"""Disk that a training fills: checkpoints and saved states, from the number of trained values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bespoke_gui.core.config.learning_rate import usable_number
from bespoke_gui.core.config.schedule import Plan

# Values a LoRA of rank 1 has on Stable Diffusion 1.5, counted on the real architecture with the
# trainer's own network code: 192 modules of the UNet, 72 of the text encoder, 86 more convolutions.
UNET_PER_RANK = 423_936
TEXT_PER_RANK = 165_888
CONV_PER_RANK = 1_216_704
DEFAULT_RANK = 4
BYTES = {"fp16": 2, "bf16": 2}
FULL = 4
# Bytes an optimiser remembers for each value, in the order it is looked for; AdamW: two moments.
REMEMBERED = (
    ("8bit", 2), ("adafactor", 0), ("lion", 4), ("sgd", 4), ("prodigy", 16), ("dadapt", 12),
)  # fmt: skip
TWO_MOMENTS = 8


@dataclass(frozen=True)
class Disk:
    """Bytes that will be written. each: one checkpoint and one state; the rest: all that stay."""

    each_checkpoint: int
    each_state: int
    checkpoints: int
    states: int
    kept_states: int

    @property
    def total(self) -> int:
        """All bytes that stay when the training is over."""
        return self.checkpoints + self.states

    def as_dict(self) -> dict[str, int]:
        """Return the figures as the command line prints them."""
        return {**asdict(self), "total": self.total}


def trained_values(config: Mapping[str, Any]) -> int:
    """Return how many numbers a LoRA on Stable Diffusion 1.5 has with these options."""
    rank = _count(config.get("network_dim"), DEFAULT_RANK)
    unet, text = UNET_PER_RANK * rank, TEXT_PER_RANK * rank
    if config.get("network_train_text_encoder_only") is True:
        return text
    unet += CONV_PER_RANK * _conv_rank(config.get("network_args"))
    return unet if config.get("network_train_unet_only") is True else unet + text


def disk_needed(config: Mapping[str, Any], course: Plan) -> Disk:
    """Return the disk that the checkpoints and states of a training take.

    A state is written with every numbered checkpoint and at the end; it holds the LoRA in full
    precision and what the optimiser remembers. Source: sd-scripts, train_util.py:5771-5900.
    """
    values = trained_values(config)
    checkpoint = values * BYTES.get(str(config.get("save_precision")), FULL)
    state = values * (FULL + _remembered(config.get("optimizer_type")))
    files = len(course.checkpoints) + len(course.step_checkpoints)
    kept = states_kept(config, course)
    return Disk(checkpoint, state, checkpoint * files, state * kept, kept)


def states_kept(config: Mapping[str, Any], course: Plan) -> int:
    """Return how many saved states there are when the training is over."""
    at_end = config.get("save_state") is True or config.get("save_state_on_train_end") is True
    if config.get("save_state") is not True:
        return int(at_end)
    numbered = len(course.checkpoints) - 1
    limit = config.get("save_last_n_epochs_state") or config.get("save_last_n_epochs")
    if isinstance(limit, int) and limit > 0:
        numbered = min(numbered, limit)
    return numbered + len(course.step_checkpoints) + int(at_end)


def _remembered(optimizer: Any) -> int:
    name = str(optimizer or "").lower()
    return next((size for part, size in REMEMBERED if part in name), TWO_MOMENTS)


def _conv_rank(arguments: Any) -> int:
    for entry in arguments if isinstance(arguments, list) else ():
        name, _, value = str(entry).partition("=")
        if name.strip() == "conv_dim" and value.strip().isdigit():
            return int(value)
    return 0


def _count(value: Any, default: int) -> int:
    return max(0, int(usable_number(value, default)))
