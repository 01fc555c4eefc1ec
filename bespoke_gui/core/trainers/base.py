"""Export to another trainer: what it takes of a config, and what it does not, with reasons."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bespoke_gui.core.atomic import write_text
from bespoke_gui.core.config.learning_rate import usable_number
from bespoke_gui.core.config.options import option_table
from bespoke_gui.core.config.schedule import Plan, plan
from bespoke_gui.core.config.train_data import TrainData
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.dataset import folder_repeats
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.registry import Registry

NO_TWIN = "there is no such setting there"
NOT_AN_OPTION = "it is no option of sd-scripts either"
# Options that say how sd-scripts runs, not what is trained.
HOUSEKEEPING = {
    "xformers": "the other trainer chooses its own attention",
    "sdpa": "the other trainer chooses its own attention",
    "mem_eff_attn": "the other trainer chooses its own attention",
    "logging_dir": "logs are kept elsewhere there",
    "log_prefix": "logs are kept elsewhere there",
    "log_with": "logs are kept elsewhere there",
    "max_data_loader_n_workers": "loading is arranged otherwise there",
    "persistent_data_loader_workers": "loading is arranged otherwise there",
    "sample_prompts": "samples are set up there by hand; the gallery needs none",
    "sample_every_n_epochs": "samples are set up there by hand; the gallery needs none",
    "wandb_api_key": "a secret is never exported",
    "huggingface_token": "a secret is never exported",
}


@dataclass(frozen=True)
class Unmapped:
    """One option of the config that the other trainer does not get."""

    key: str
    value: Any
    why: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as the command line prints it."""
        return {"key": self.key, "value": self.value, "why": self.why}


@dataclass(frozen=True)
class Exported:
    """A config for another trainer. mapped: options of ours that it holds."""

    document: dict[str, Any]
    text: str
    mapped: list[str]
    unmapped: list[Unmapped]


@dataclass
class Source:
    """A config while it is read for another trainer; remembers what was taken from it.

    folders: (path, repeats, class word) of each folder of images.
    """

    config: TrainingConfig
    data: TrainData | None = None
    taken: set[str] = field(default_factory=set)
    reasons: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values = self.config.values

    def take(self, key: str, default: Any = None) -> Any:
        """Return a value that the other trainer gets; the trainer's default where it is not set."""
        self.taken.add(key)
        option = option_table().options.get(key)
        fallback = option.default if default is None and option else default
        return self.values.get(key, fallback)

    def leave(self, key: str, why: str) -> None:
        """Say why a value is not exported; nothing happens when the config does not set it."""
        self.taken.discard(key)
        self.reasons[key] = why

    def whole(self, key: str, default: int = 1) -> int:
        """Return a whole number of 1 or more; raises AppError when it is none."""
        value = self.take(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise AppError(f"{key} = {value!r} is no whole number of 1 or more", kind="bad_config")
        return value

    def number(self, key: str, default: float = 0.0) -> float:
        """Return a number; raises AppError when it is none."""
        value = self.optional(key)
        return default if value is None else value

    def optional(self, key: str) -> float | None:
        """Return a number, the first of a list, None where none is set; raises AppError."""
        value = self.take(key)
        if isinstance(value, list):
            value = value[0] if value else None
        if value is None:
            return None
        if isinstance(value, bool) or usable_number(value, math.inf) == math.inf:
            raise AppError(f"{key} = {value!r} is no usable number", kind="bad_config")
        return float(value)

    def text(self, key: str, default: str = "") -> str:
        """Return a text; "" where it is not set."""
        return str(self.take(key, default) or default)

    @property
    def folders(self) -> list[tuple[str, int, str]]:
        """The folders of images as (path, repeats, class word); the parent where none is known."""
        base = self.text("train_data_dir").rstrip("/")
        found = []
        for name in self.data.folders if self.data else ():
            parts = folder_repeats(name)
            if parts:
                found.append((f"{base}/{name}", parts[0], parts[1]))
        return found or [(base, 1, "")]

    @property
    def plan(self) -> Plan | None:
        """The course of the training, None where the number of images is not known."""
        images = self.data.images if self.data else 0
        return plan(self.values, images) if images else None

    def finish(self, document: dict[str, Any], text: str) -> Exported:
        """Return the result: everything that was not taken is listed with the reason."""
        left = [key for key in self.values if key not in self.taken and self._means(key)]
        unmapped = [Unmapped(key, self.values[key], self._why(key)) for key in left]
        mapped = [key for key in self.values if key not in set(left)]
        return Exported(document, text, mapped, unmapped)

    def _means(self, key: str) -> bool:
        """Whether a value says anything: False and the trainer's own default do not."""
        option = option_table().options.get(key)
        value = self.values[key]
        idle = value is False or (option is not None and value == option.default)
        return not idle or key in self.reasons

    def _why(self, key: str) -> str:
        if key in self.reasons:
            return self.reasons[key]
        if key not in option_table():
            return NOT_AN_OPTION
        return HOUSEKEEPING.get(key, NO_TWIN)


@dataclass(frozen=True)
class Exporter:
    """A trainer that configs can be exported to. suffix: of its file, with the dot."""

    name: str
    title: str
    suffix: str
    make: Callable[[Source], Exported]


EXPORTERS: Registry[Exporter] = Registry("trainer", "bespoke_gui.core.trainers")


def export_config(config: TrainingConfig, name: str, data: TrainData | None = None) -> Exported:
    """Return a config for another trainer; raises AppError for an unusable value or name.

    Raises AppError for Bespoke's own small base, which no other trainer knows.

    data: the folders of images; without it one folder is named and repeats cannot be told.
    """
    exporter, source = EXPORTERS[name], Source(config, data)
    if source.values.get("pretrained_model_name_or_path") == "embedded":
        hint = "name a Stable Diffusion 1.5 model first"
        raise AppError("the embedded base is known to Bespoke only", hint=hint, kind="bad_config")
    module = source.text("network_module", "networks.lora")
    if module != "networks.lora":
        source.leave("network_module", f"{module} is not there; a plain LoRA is written")
    return exporter.make(source)


def write_export(exported: Exported, path: Path) -> Path:
    """Write an export atomically and return its path."""
    write_text(Path(path), exported.text)
    return Path(path)


def optimizer_arguments(source: Source, known: dict[str, str]) -> dict[str, Any]:
    """Return optimizer_args under the other trainer's names; the rest is left with a reason."""
    import ast

    found, lost = {}, []
    entries = source.take("optimizer_args") or []
    for entry in entries if isinstance(entries, list) else []:
        name, _, value = str(entry).partition("=")
        try:
            parsed = ast.literal_eval(value.strip())
        except (ValueError, SyntaxError):
            lost.append(str(entry))
            continue
        if name.strip() == "betas" and isinstance(parsed, tuple) and "beta1" in known:
            found.update(zip(("beta1", "beta2"), parsed, strict=False))
        elif name.strip() in known:
            found[known[name.strip()]] = parsed
        else:
            lost.append(str(entry))
    if lost:
        source.leave("optimizer_args", f"not understood there: {', '.join(lost)}")
    return found


def network_arguments(source: Source) -> dict[str, float]:
    """Return conv_dim and conv_alpha from network_args; others are left with a reason."""
    found: dict[str, float] = {}
    lost = []
    entries = source.take("network_args") or []
    for entry in entries if isinstance(entries, list) else []:
        name, _, value = str(entry).partition("=")
        if name.strip() in ("conv_dim", "conv_alpha") and value.strip().replace(".", "").isdigit():
            found[name.strip()] = float(value)
        else:
            lost.append(str(entry))
    if lost:
        source.leave("network_args", f"not understood there: {', '.join(lost)}")
    return found
