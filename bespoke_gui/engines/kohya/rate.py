"""Rate: the learning rate of each step, which sd-scripts does not print, from the config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bespoke_gui.core.config.learning_rate import Multiplier, multiplier
from bespoke_gui.core.config.schedule import full_rate
from bespoke_gui.core.errors import AppError


class Rate:
    """The learning rate as the trainer sets it, where its schedule can be told in advance."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config
        self._total = 0
        self._factor: Multiplier | None = None
        try:
            self._full = full_rate(config)
        except AppError:
            self._full = 0.0

    def at(self, step: int, total: int) -> dict[str, float]:
        """Fields for a step, counted from 1, of `total`: "lr", or nothing where it is unknown."""
        if total != self._total:
            self._total = total
            name = str(self._config.get("lr_scheduler") or "constant")
            self._factor = multiplier(name, self._config, total, self._full)
        if self._factor is None or not self._full or not 1 <= step <= total:
            return {}
        return {"lr": self._full * self._factor(step - 1)}
