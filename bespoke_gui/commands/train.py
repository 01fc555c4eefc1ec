"""`bespoke train CONFIG_OR_ZIP`: starts a training run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands._place import add_place, place_of
from bespoke_gui.commands._rented import cost_of_run, cost_words, say_estimate
from bespoke_gui.commands.output import Result, say
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.config.trainer_config import TrainingConfig
    from bespoke_gui.core.rundir import RunDir
    from bespoke_gui.core.runs import RunInfo
    from bespoke_gui.core.runspec import DataFolder, RunSpec

HELP = "start a training run"
RESUMABLE = ("finished", "failed", "cancelled", "lost")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "config", type=Path, metavar="CONFIG_OR_ZIP", help="config, package, or run with --resume"
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="images with captions")
    parser.add_argument("--project", type=Path, metavar="DIR", help="project that gets the run")
    parser.add_argument("--base", default="", help='"embedded", a folder, a file or a hub id')
    parser.add_argument(
        "--engine", default="", choices=("lora", "kohya", "fake"),
        help="lora: our own; kohya: sd-scripts (the default where a checkout is known)",
    )  # fmt: skip
    parser.add_argument(
        "--sd-scripts", type=Path, metavar="DIR", help="sd-scripts checkout; remembered"
    )
    add_place(parser)
    parser.add_argument("--run-dir", type=Path, metavar="DIR", help="the run's own folder")
    parser.add_argument("--wait", action="store_true", help="stay until the run ends")
    parser.add_argument("--resume", action="store_true", help="go on with a run that ended early")


def run(args: argparse.Namespace) -> Result:
    """Start the run, and follow it with --wait."""
    from bespoke_gui.commands._runs_follow import follow
    from bespoke_gui.core.runs import checkpoint_dict, read_run
    from bespoke_gui.launch.base import BACKENDS

    run_dir, name = _resumed(args) if args.resume else _new(args)
    backend = BACKENDS[name]
    backend.start(run_dir)
    say(f"run {run_dir.run} is in {run_dir.folder}")
    if args.wait:
        follow(backend, run_dir)
    info = read_run(run_dir.folder)
    data: dict[str, Any] = {
        "run": info.run, "folder": str(info.folder), "outcome": info.state,
        "checkpoints": [checkpoint_dict(item) for item in info.checkpoints],
        "failure": info.failure,
    }  # fmt: skip
    cost = cost_of_run(run_dir)
    return Result({**data, **cost}, _text(info, cost), _code(info.state))


def _text(info: RunInfo, cost: dict[str, Any]) -> str:
    return ", ".join([f"{info.run}: {info.state}", *cost_words(cost)])


def _code(state: str) -> int:
    return {"running": 0, "finished": 0, "cancelled": 130}.get(state, 1)


def _resumed(args: argparse.Namespace) -> tuple[RunDir, str]:
    """The folder of an earlier run, its spec told to go on from the last state, and its backend."""
    from bespoke_gui.core.run_request import resumed
    from bespoke_gui.core.rundir import RunDir
    from bespoke_gui.core.runs import read_run

    folder = args.run_dir or args.config
    info = read_run(folder)
    if info.state not in RESUMABLE:
        raise AppError("is running already", file=folder, hint="bespoke runs attach")
    if args.backend or args.machine:
        name, place = place_of(args)
        return resumed(RunDir(info.folder), place), name
    return resumed(RunDir(info.folder)), info.backend or "local"


def _new(args: argparse.Namespace) -> tuple[RunDir, str]:
    from bespoke_gui.core.run_request import new_run_id, require_new, train_spec, write_run

    name = args.config.stem
    target = Path(args.run_dir or _runs_folder(args) / new_run_id(name)).absolute()
    require_new(target)
    backend, place = place_of(args)
    config, data = _request(args, target)
    spec = train_spec(config, data, base=args.base, name=name)
    spec.place = place
    _choose_engine(args, spec, backend)
    if backend == "runpod":
        say_estimate(spec)
    package = args.config if args.config.suffix.lower() == ".zip" else None
    return write_run(target, spec, config.text(), package), backend


def _choose_engine(args: argparse.Namespace, spec: RunSpec, backend: str) -> None:
    """sd-scripts where the place has a checkout and nothing else was asked for."""
    from bespoke_gui.launch.sd_scripts import engine_for, engine_there, remembered_checkout

    if backend != "local":
        spec.engine = args.engine or engine_there(spec.base, spec.place)
        return
    spec.engine = args.engine or engine_for(spec.base, str(args.sd_scripts or ""))
    if spec.engine == "kohya":
        spec.options["sd_scripts"] = str(remembered_checkout(args.sd_scripts))


def _runs_folder(args: argparse.Namespace) -> Path:
    from bespoke_gui.core.project import find_project

    project = find_project(args.project or args.config.parent)
    return project.runs_dir if project else Path("runs")


def _request(args: argparse.Namespace, target: Path) -> tuple[TrainingConfig, list[DataFolder]]:
    """The config and the folders to train on, from a package or a config file."""
    from bespoke_gui.core.config.trainer_config import TrainingConfig

    if args.config.suffix.lower() == ".zip" or args.config.is_dir():
        from bespoke_gui.core.package import open_package

        contents = open_package(args.config, target / "package")
        return contents.config, _given(args) or contents.data
    config = TrainingConfig.load(args.config)
    return config, _found(args, config)


def _given(args: argparse.Namespace) -> list[DataFolder]:
    from bespoke_gui.core.run_request import data_folders

    return data_folders(args.data) if args.data else []


def _found(args: argparse.Namespace, config: TrainingConfig) -> list[DataFolder]:
    """The config's own folder where it exists here, else --data, else the project's dataset."""
    from bespoke_gui.core.run_request import data_folders, project_data

    named = config.values.get("train_data_dir")
    for base in (Path(), args.config.absolute().parent):
        if isinstance(named, str) and named and (base / named).is_dir():
            return data_folders(base / named)
    found = _given(args) or project_data(args.project or args.config.parent)
    if not found:
        where = f" (its train_data_dir {named} is not here)" if named else ""
        raise AppError(
            f"names no images on this computer{where}", file=args.config,
            hint="give their folder with --data", kind="no_data",
        )  # fmt: skip
    return found
