"""`bespoke generate RUN_OR_LORA...`: the images of every epoch, prompt and seed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bespoke_gui.commands._sources import HELP as SOURCES
from bespoke_gui.commands._sources import sources_of
from bespoke_gui.commands.output import Result
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.protocol import Protocol
    from bespoke_gui.core.runs import RunInfo

HELP = "generate every epoch x prompt x seed of runs or LoRA files, and LoRA off"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("sources", type=Path, nargs="+", metavar="RUN_OR_LORA", help=SOURCES)
    parser.add_argument("--protocol", type=Path, metavar="TOML", help="what to ask")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="gallery folder")
    parser.add_argument("--base", default="", help='"embedded", a folder, a file or a hub id')
    parser.add_argument("--seeds", default="", help="seeds, with commas between")
    parser.add_argument("--engine", default="sample", choices=("sample", "fake"))


def run(args: argparse.Namespace) -> Result:
    """Generate what is missing, record how, and list the images."""
    from bespoke_gui.commands._runs_follow import follow
    from bespoke_gui.core.generation import new_generation
    from bespoke_gui.core.runs import read_run
    from bespoke_gui.launch.base import BACKENDS

    args.sources = sources_of(args.sources, args.out)
    made = new_generation(args.sources, _protocol(args), args.out, engine=args.engine)
    backend = BACKENDS["local"]
    backend.start(made.run_dir)
    follow(backend, made.run_dir)
    require_finished(read_run(made.run_dir.folder), args.out)
    images = made.images()
    data = {"images": images, "generation_id": made.generation_id, "gallery": str(args.out)}
    return Result(data, f"{args.out}: {len(images)} images")


def require_finished(info: RunInfo, out: Path) -> None:
    """Raise AppError saying why, unless the generation ended well."""
    if info.state == "finished":
        return
    why = info.failure or {}
    raise AppError(
        why.get("message") or f"the generation {info.state}",
        file=out,
        hint=why.get("hint", ""),
        kind=why.get("kind") or "engine_crash",
    )


def _protocol(args: argparse.Namespace) -> Protocol:
    """The protocol for the seeds wanted."""
    from dataclasses import replace

    protocol = protocol_for(args.protocol, args.sources, args.base)
    seeds = _seeds(args.seeds)
    return replace(protocol, seeds=seeds) if seeds else protocol


def protocol_for(path: Path | None, sources: list[Path], base: str = "") -> Protocol:
    """Return the protocol given, the project's or the built-in one, for the base wanted."""
    from bespoke_gui.core.generation import chosen_protocol

    return chosen_protocol(path or _project_protocol(sources[0]), base or _run_base(sources))


def _project_protocol(source: Path) -> Path | None:
    from bespoke_gui.core.project import find_project

    project = find_project(source)
    return project.protocol_path if project and project.protocol_path.is_file() else None


def _run_base(sources: list[Path]) -> str:
    """The base model that the first run was trained on."""
    from bespoke_gui.core.rundir import read_json

    specs = (read_json(source / "spec.json") for source in sources if source.is_dir())
    return next((str(spec["base"]) for spec in specs if spec and spec.get("base")), "")


def _seeds(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.replace(",", " ").split())
    except ValueError as error:
        raise AppError(f"--seeds {text} are no numbers", hint="write --seeds 1,2,3",
                       kind="usage") from error  # fmt: skip
