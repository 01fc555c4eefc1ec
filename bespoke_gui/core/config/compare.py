"""Compare two configs as the trainer reads them: what changed between two trainings."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bespoke_gui.core.config.trainer_config import TrainingConfig


@dataclass(frozen=True)
class Change:
    """One value that differs; None where the config does not set it."""

    key: str
    before: Any
    after: Any

    def as_dict(self) -> dict[str, Any]:
        """Return the change as the command line prints it."""
        return asdict(self)


def compare_configs(before: TrainingConfig, after: TrainingConfig) -> list[Change]:
    """Return what differs, in the order of `before`, then what `after` adds.

    1 and 1.0 are the same to the trainer's arithmetic but not to its checks, so they differ here.
    """
    first, second = before.values, after.values
    return [
        Change(key, first.get(key), second.get(key))
        for key in {**first, **second}
        if _differ(first.get(key), second.get(key))
    ]


def _differ(first: Any, second: Any) -> bool:
    return type(first) is not type(second) or first != second
