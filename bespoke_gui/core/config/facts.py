"""Facts a config is judged with: how many images, of what size, with which captions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bespoke_gui.core.config.train_data import TrainData, as_packaged, read_train_folder
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.dataset import CAPTION_EXTENSION, scan
from bespoke_gui.core.dataset_contents import read_contents
from bespoke_gui.core.errors import Problem
from bespoke_gui.core.project import Project, find_project

STOPPING = ("empty_caption",)  # The one thing about a caption's words that stops the trainer.
MISLEADING = ("stale_cache",)
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Facts:
    """images: images x repeats of an epoch, 0 where unknown; the rest None where unknown.

    problems: what stops the trainer, or misleads it, in the images and captions themselves.
    """

    images: int = 0
    data: TrainData | None = None
    captions: dict[str, str | None] | None = None
    sizes: Counter[tuple[int, int]] | None = None
    problems: tuple[Problem, ...] = ()


def facts_about(
    config: TrainingConfig, dataset: Path | None = None, progress: Progress | None = None
) -> Facts:
    """Return what is known about the images a config will be trained on.

    They are those of `dataset`, else of its own train_data_dir where that is on this machine, else
    of the project the config lies in. Raises AppError when `dataset` is no folder.
    """
    named = config.get("caption_extension")
    extension = named if isinstance(named, str) and named.startswith(".") else CAPTION_EXTENSION
    if dataset is not None:
        return _facts([(Path(dataset), 1)], None, extension, progress)
    own = str(config.get("train_data_dir") or "")
    if own and Path(own).is_dir():
        return _facts([(Path(own), 1)], read_train_folder(Path(own)), extension, progress)
    project = find_project(config.path.parent) if config.path else None
    if project is None:
        return Facts()
    facts = _facts(project.dataset_dirs, None, project.caption_extension, progress)
    return _with_regularisation(facts, project)


def _with_regularisation(facts: Facts, project: Project) -> Facts:
    """Count what an epoch shows beside the images that are taught."""
    data = facts.data
    if data is None:
        return facts
    for folder, repeats in project.reg_dirs:
        names = [item.name for item in scan(folder).used]
        apart = as_packaged(folder.resolve().name, names, repeats)
        data.merge(TrainData("", regularisation=apart.folders))
    return replace(facts, images=data.images)


def _facts(
    folders: list[tuple[Path, int]],
    data: TrainData | None,
    extension: str,
    progress: Progress | None,
) -> Facts:
    """Read the folders; `data` is what the trainer finds, unless they are to be packaged."""
    from bespoke_gui.core.lints import Linter

    linter = Linter(codes=STOPPING)
    packaged = TrainData("dataset")
    captions: dict[str, str | None] = {}
    sizes: Counter[tuple[int, int]] = Counter()
    problems: list[Problem] = []
    for folder, repeats in folders:
        contents = read_contents(folder, extension, progress=progress, linter=linter)
        captions.update(contents.captions)
        sizes += contents.stats.sizes
        problems += [p for p in contents.problems if p.severity == "error" or p.code in MISLEADING]
        packaged.merge(as_packaged(folder.resolve().name, contents.captions, repeats))
    found = data or packaged
    return Facts(found.images, found, captions, sizes, tuple(problems))
