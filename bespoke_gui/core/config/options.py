"""Options of the trainer: names, kinds, defaults and choices, from a table of its own schema."""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bespoke_gui.core.resources import resource

# What people write for an option that is called otherwise; difflib would not find these.
ALIASES = {
    "alpha": "network_alpha",
    "batch_size": "train_batch_size",
    "bucket_resolution": "resolution",
    "caption_ext": "caption_extension",
    "dim": "network_dim",
    "epochs": "max_train_epochs",
    "image_dir": "train_data_dir",
    "lr": "learning_rate",
    "model": "pretrained_model_name_or_path",
    "optimizer": "optimizer_type",
    "pretrained_model": "pretrained_model_name_or_path",
    "rank": "network_dim",
    "steps": "max_train_steps",
    "warmup_steps": "lr_warmup_steps",
}


@dataclass(frozen=True)
class Option:
    """One option. kind: "str", "int", "float", "bool" or "int_or_float"; many: takes a list."""

    name: str
    kind: str
    default: Any = None
    choices: tuple[Any, ...] = ()
    many: bool = False


@dataclass(frozen=True)
class OptionTable:
    """All options of train_network.py, and the keys that each level of a dataset config knows."""

    source: str
    commit: str
    options: dict[str, Option]
    dataset_config: dict[str, dict[str, str]]

    def __contains__(self, name: object) -> bool:
        return name in self.options

    def __getitem__(self, name: str) -> Option:
        return self.options[name]

    def nearest(self, name: str) -> str:
        """Return the real option most like `name`, or "" when none is."""
        alias = ALIASES.get(name.casefold())
        return alias or nearest(name, self.options)

    def is_dataset_key(self, name: str) -> bool:
        """Whether the value is handed to the dataset, whose schema converts nothing at all."""
        return name in self.dataset_config["datasets"] or name in self.dataset_config["subsets"]

    def effective(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return what the trainer works with: its defaults, replaced by the known `values`."""
        merged = {name: values.get(name, option.default) for name, option in self.options.items()}
        return {name: value for name, value in merged.items() if value is not None}


@functools.cache
def option_table() -> OptionTable:
    """Return the table in resources/trainer_options.json; raises AppError when it is missing."""
    data = json.loads(resource("trainer_options.json").read_text(encoding="utf-8"))
    options = {name: _option(name, entry) for name, entry in data["options"].items()}
    return OptionTable(data["source"], data["commit"], options, data["dataset_config"])


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the name in `known` that is spelled most like `name`, or ""."""
    found = difflib.get_close_matches(name.casefold(), list(known), n=1, cutoff=0.7)
    return found[0] if found else ""


def _option(name: str, entry: dict[str, Any]) -> Option:
    choices = tuple(entry.get("choices", ()))
    many = bool(entry.get("many", False))
    return Option(name, entry["type"], entry.get("default"), choices, many)
