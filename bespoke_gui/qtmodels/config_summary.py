"""Config summary: the few settings of a config that people ask for first, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bespoke_gui.core.config.option_words import described_options
from bespoke_gui.core.config.values import written

ROWS = (
    ("Size", ("resolution",)),
    ("Rank, alpha", ("network_dim", "network_alpha")),
    ("Batch size", ("train_batch_size",)),
    ("Learning rate", ("learning_rate",)),
    ("Image, text part", ("unet_lr", "text_encoder_lr")),
    ("Schedule", ("lr_scheduler",)),
    ("Optimizer", ("optimizer_type",)),
    ("Captions", ("max_token_length",)),
)
UNITS = {"max_token_length": "{} tokens"}


def summary(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (words, values) of the main settings; what is not set is the trainer's default."""
    found = []
    for words, keys in ROWS:
        if any(key in values for key in keys):
            found.append((words, ", ".join(_shown(values, key) for key in keys)))
    return found


def _shown(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key, described_options()[key].option.default)
    text = "–" if value is None else written(value).replace("\n", ", ")
    return UNITS.get(key, "{}").format(text)
