"""The case that config rules judge: the config, and what is known about images and captions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bespoke_gui.core.config.cards import Card
from bespoke_gui.core.config.options import OptionTable, option_table
from bespoke_gui.core.config.resolution import parse_resolution
from bespoke_gui.core.config.train_data import TrainData
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import Problem
from bespoke_gui.core.registry import Registry

RULE_FAMILY = "bespoke_gui.core.config.rules"
LARGEST = 1e12
Sizes = Mapping[tuple[int, int], int]


@dataclass
class Case:
    """Everything a rule may look at; what is not known is None.

    data: what train_data_dir holds; sizes: images by (width, height) in pixels; captions: text by
    image name, None where missing; workspace: every folder there will be below /workspace
    once the package is extracted, relative to it; card: what it will be trained on.
    """

    config: TrainingConfig
    file: str
    data: TrainData | None = None
    sizes: Sizes | None = None
    captions: Mapping[str, str | None] | None = None
    workspace: frozenset[str] | None = None
    card: Card | None = None
    table: OptionTable = field(default_factory=option_table)

    def __post_init__(self) -> None:
        self.values = self.config.values

    def given(self, key: str) -> bool:
        """Whether the config names this key."""
        return key in self.values

    def get(self, key: str) -> Any:
        """Return the value the trainer works with: the config's, else the trainer's default."""
        option = self.table.options.get(key)
        return self.values.get(key, option.default if option else None)

    def number(self, key: str) -> float | None:
        """Return the value when it is a usable number, else None (another rule names the rest)."""
        value = self.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        return value if -LARGEST < value < LARGEST else None

    @property
    def resolution(self) -> tuple[int, int] | None:
        """Training size (width, height) in pixels, None when it is missing or not readable."""
        return parse_resolution(self.get("resolution"))

    @property
    def embedded(self) -> bool:
        """Whether Bespoke's own base model is asked for."""
        return self.get("pretrained_model_name_or_path") == "embedded"

    def finding(self, code: str, severity: str, key: str, message: str, hint: str = "") -> Problem:
        """Return a finding about `key`."""
        return Problem(code, severity, message, self.file, hint, key)


Rule = Callable[[Case], Iterator[Problem]]
RULES: Registry[Rule] = Registry("config rule", RULE_FAMILY)


def rule(function: Rule) -> Rule:
    """Register a rule under the name of its function."""
    return RULES.add(getattr(function, "__name__", ""), function)
