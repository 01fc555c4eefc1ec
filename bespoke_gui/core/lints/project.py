"""What the linter is to know of a project: its file, its newest config, its dictionary."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lints.base import Context
from bespoke_gui.core.project import Project
from bespoke_gui.core.spelling_project import read_dictionary

if TYPE_CHECKING:
    import numpy as np

TRAINER_WINDOW = 75  # tokens the trainer reads without max_token_length


def project_context(
    project: Project,
    config: TrainingConfig | None = None,
    native: Callable[[str], np.ndarray | None] | None = None,
) -> Context:
    """Return the context of a project's captions; `config` is the newest one when not given.

    Raises AppError when the project's dictionary cannot be read.
    """
    chosen = config or newest_config(project.configs_dir)
    options = _options(chosen) if chosen else {}
    return Context(
        project.separator,
        project.trigger,
        caption_extension=project.caption_extension,
        dictionary=read_dictionary(project.folder),
        native=native,
        **options,
    )


def newest_config(folder: Path) -> TrainingConfig | None:
    """Return the training config that was changed last and can be read, None without one."""
    paths = sorted(folder.glob("*.toml"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in paths:
        try:
            return TrainingConfig.load(path)
        except AppError:
            continue
    return None


def _options(config: TrainingConfig) -> dict[str, Any]:
    return {
        "keep_tokens": _number(config.get("keep_tokens"), 0),
        "keep_separator": str(config.get("keep_tokens_separator") or ""),
        "shuffle": bool(config.get("shuffle_caption", False)),
        "max_token_length": _number(config.get("max_token_length"), TRAINER_WINDOW),
        "wildcards": bool(config.get("enable_wildcard", False)),
    }


def _number(value: Any, default: int) -> int:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole else default
