"""Config doctor: says before a GPU is rented what the trainer would do with a config."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bespoke_gui.core.config.cards import Card
from bespoke_gui.core.config.case import RULES, Case, Sizes
from bespoke_gui.core.config.train_data import TrainData, read_train_folder
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import Problem

SEVERITIES = ("error", "warning", "info")


def check_config(
    config: TrainingConfig,
    *,
    dataset_dir: Path | None = None,
    package_root: Path | None = None,
    workspace: frozenset[str] | None = None,
    captions: Mapping[str, str | None] | None = None,
    sizes: Sizes | None = None,
    data: TrainData | None = None,
    card: Card | None = None,
    file: str = "",
) -> list[Problem]:
    """Return every finding, errors first: what stops the trainer, what it ignores, what it needs.

    dataset_dir: the folder that the trainer will be given as train_data_dir (`data` says the same
    without a folder). package_root: the folder that stands for /workspace once a package is
    extracted (`workspace` says the same without a folder). captions, sizes: see Case. card: what
    it will be trained on; without one, what it must be able to do is said as a condition. `where`
    of a finding is the option's name.
    """
    if data is None and dataset_dir is not None:
        data = read_train_folder(dataset_dir)
    if workspace is None and package_root is not None:
        workspace = _folders(package_root)
    label = file or str(config.path or "")
    case = Case(config, label, data, sizes, captions, workspace, card)
    found = [problem for one in RULES.values() for problem in one(case)]
    return sorted(found, key=lambda problem: SEVERITIES.index(problem.severity))


def _folders(root: Path) -> frozenset[str]:
    found = (path for path in Path(root).rglob("*") if path.is_dir())
    return frozenset(path.relative_to(root).as_posix() for path in found)
