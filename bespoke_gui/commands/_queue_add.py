"""Action `queue add`: configs and packages into the line."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands._place import place_of
from bespoke_gui.commands._queue_told import project_of, result
from bespoke_gui.commands.output import Result
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.config.trainer_config import TrainingConfig
    from bespoke_gui.core.project import Project
    from bespoke_gui.core.queue.entry import Entry


def add(args: argparse.Namespace) -> Result:
    """Put every config or package named in line; all of them or, where one is wrong, none."""
    from bespoke_gui.core.queue.store import QueueFile

    project = project_of(args, args.configs[0].absolute().parent)
    asked = request_of(args)
    entries = [_entry(path, project, asked, args) for path in args.configs]
    file = QueueFile(project)
    added = [file.add(entry).id for entry in entries]
    return result(file.read(), added=added)


def request_of(args: argparse.Namespace) -> dict[str, Any]:
    """Return what all entries of one command have in common."""
    backend, place = place_of(args)
    return {"backend": backend, "place": place, "base": args.base}


def config_entry(
    config: TrainingConfig, path: Path, project: Project, asked: dict[str, Any],
    args: argparse.Namespace,
) -> Entry:  # fmt: skip
    """Return the entry of a config, which lies at `path`; raises AppError where nothing trains."""
    from bespoke_gui.core.models.store import resolve_base
    from bespoke_gui.core.queue.entry import Entry
    from bespoke_gui.core.queue.request import kept_path

    named = str(config.get("pretrained_model_name_or_path") or "embedded")
    return Entry(
        0, path.stem, text=config.text(), config=kept_path(project, path),
        data=_data(config, path, project, args),
        **_engine(args, resolve_base(args.base or named), asked), **asked,
    )  # fmt: skip


def _entry(path: Path, project: Project, asked: dict[str, Any], args: argparse.Namespace) -> Entry:
    from bespoke_gui.core.config.trainer_config import TrainingConfig
    from bespoke_gui.core.models.store import resolve_base
    from bespoke_gui.core.queue.entry import Entry
    from bespoke_gui.core.queue.request import kept_path

    if path.suffix.lower() != ".zip" and not path.is_dir():
        return config_entry(TrainingConfig.load(path), path, project, asked, args)
    if not path.exists():
        raise AppError("is not there", file=path, hint="check the path")
    data = [[kept_path(project, args.data), 1]] if args.data else []
    return Entry(
        0, path.stem, package=kept_path(project, path), data=data,
        **_engine(args, resolve_base(args.base), asked), **asked,
    )  # fmt: skip


def _engine(args: argparse.Namespace, base: str, asked: dict[str, Any]) -> dict[str, Any]:
    """sd-scripts where the place has a checkout and nothing else was asked for."""
    from bespoke_gui.launch.sd_scripts import engine_for, engine_there, remembered_checkout

    gpus = {"gpus": args.gpus} if args.gpus > 1 else {}
    if asked["backend"] != "local":
        return {"engine": args.engine or engine_there(base, asked["place"]), "options": gpus}
    engine = args.engine or engine_for(base, str(args.sd_scripts or ""))
    if engine != "kohya":
        return {"engine": engine, "options": {}}
    return {
        "engine": engine,
        "options": {"sd_scripts": str(remembered_checkout(args.sd_scripts)), **gpus},
    }


def _data(
    config: TrainingConfig, path: Path, project: Project, args: argparse.Namespace
) -> list[list[Any]]:
    """The folder named, else the config's own where it is here, else none: the project's."""
    from bespoke_gui.core.queue.request import kept_path
    from bespoke_gui.core.run_request import data_folders, project_data

    named = str(config.get("train_data_dir") or "")
    own = [base / named for base in (Path(), path.absolute().parent) if named]
    for folder in [args.data] if args.data else own:
        if args.data or folder.is_dir():
            data_folders(folder)
            return [[kept_path(project, folder), 1]]
    if not project_data(project.folder):
        hint = "name the images with --data"
        raise AppError("the project has no images", file=project.folder, hint=hint, kind="no_data")
    return []
