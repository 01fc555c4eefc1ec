"""What the linter is to know of a project: its file, its newest config, its dictionary."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.caption_set import CaptionSet
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.dataset import IMAGE_SUFFIXES
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lint_ignored import NOTHING, Ignored, read_ignored
from bespoke_gui.core.lints import Context, Linter
from bespoke_gui.core.native_reader import NativeReader
from bespoke_gui.core.project import NATIVE_SIZE, Project, is_project, open_project
from bespoke_gui.core.spelling_project import read_dictionary

if TYPE_CHECKING:
    import numpy as np

TRAINER_WINDOW = 75  # tokens the trainer reads without max_token_length
Native = Callable[[str], "np.ndarray | None"]


def project_context(
    project: Project, config: TrainingConfig | None = None, native: Native | None = None
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


def linter_of(found: CaptionSet, codes: list[str] | None, images: Path | None = None) -> Linter:
    """Return the linter for captions on disk, with their project's context where they have one.

    `images` is the folder of their images when these do not lie beside them. Raises AppError
    when a file of the project is broken or there is no such check.
    """
    project = open_project(found.home) if is_project(found.home) else None
    paths = {name: caption.path for name, caption in found.captions.items()}
    if images is not None:
        paths = {name: images / Path(name).name for name in paths}
    native = NativeReader(images_beside(paths), project.native_size if project else NATIVE_SIZE)
    if project is not None:
        context = project_context(project, native=native)
    else:
        context = Context(found.separator, native=native)
    ignored = read_ignored(project.folder) if project else NOTHING
    # A check that is asked for by its code runs, also where the project has switched it off.
    return Linter(context, codes, ignored if codes is None else Ignored(places=ignored.places))


def images_beside(captions: Mapping[str, Path]) -> dict[str, Path]:
    """Return the image of the same stem beside each caption; every folder is read once."""
    folders: dict[Path, dict[str, Path]] = {}
    found = {}
    for name, path in captions.items():
        if path.parent not in folders:
            folders[path.parent] = _images(path.parent)
        image = folders[path.parent].get(path.stem)
        if image is not None:
            found[name] = image
    return found


def newest_config(folder: Path) -> TrainingConfig | None:
    """Return the training config that was changed last and can be read, None without one."""
    paths = sorted(folder.glob("*.toml"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in paths:
        try:
            return TrainingConfig.load(path)
        except AppError:
            continue
    return None


def _images(folder: Path) -> dict[str, Path]:
    try:
        with os.scandir(folder) as entries:
            paths = [Path(entry.path) for entry in entries]
    except OSError:
        return {}
    return {path.stem: path for path in paths if path.suffix.lower() in IMAGE_SUFFIXES}


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
