"""`bespoke generate RUN_OR_LORA...`: the images of every epoch, prompt and seed."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from bespoke_gui.commands.output import Result
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.protocol import Protocol
    from bespoke_gui.core.rundir import RunDir
    from bespoke_gui.core.runspec import RunSpec

HELP = "generate every epoch x prompt x seed of runs or LoRA files, and LoRA off"
JOB = ".run"
EMBEDDED = "embedded"
EMBEDDED_SIZE = 192


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("sources", type=Path, nargs="+", metavar="RUN_OR_LORA")
    parser.add_argument("--protocol", type=Path, metavar="TOML", help="what to ask")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="gallery folder")
    parser.add_argument("--base", default="", help='"embedded", a folder, a file or a hub id')
    parser.add_argument("--seeds", default="", help="seeds, with commas between")
    parser.add_argument("--engine", default="sample", choices=("sample", "fake"))


def run(args: argparse.Namespace) -> Result:
    """Generate what is missing, record how, and list the images."""
    from bespoke_gui.commands._runs_follow import follow
    from bespoke_gui.core.protocol import generation_id
    from bespoke_gui.core.rundir import RunDir
    from bespoke_gui.core.runs import read_run, sample_spec
    from bespoke_gui.launch.base import BACKENDS

    protocol = chosen_protocol(args)
    identity = generation_id(protocol)
    spec = sample_spec(
        args.sources, protocol.as_dict(), args.out, engine=args.engine,
        base=protocol.base,
        options={"generation_id": identity},
    )  # fmt: skip
    run_dir = _job(args.out, spec)
    _record(args, protocol, spec)
    backend = BACKENDS["local"]
    backend.start(run_dir)
    follow(backend, run_dir)
    info = read_run(RunDir(run_dir.folder).folder)
    if info.state != "finished":
        why = info.failure or {}
        message = why.get("message") or f"the generation {info.state}"
        kind = why.get("kind") or "engine_crash"
        raise AppError(message, file=args.out, hint=why.get("hint", ""), kind=kind)
    images = expected_images(args.out, protocol, spec)
    data = {"images": images, "generation_id": identity, "gallery": str(args.out)}
    return Result(data, f"{args.out}: {len(images)} images")


def chosen_protocol(args: argparse.Namespace) -> Protocol:
    """The protocol given, the project's or the built-in one, for the base and seeds wanted."""
    from dataclasses import replace

    from bespoke_gui.core.protocol import builtin_protocol, for_base, load_protocol

    path = args.protocol or _project_protocol(args.sources[0])
    protocol = load_protocol(path) if path else builtin_protocol()
    base = args.base or _run_base(args.sources) or protocol.base
    if base != protocol.base or (base == EMBEDDED and protocol.width != EMBEDDED_SIZE):
        protocol = for_base(protocol, base)
    seeds = _seeds(args.seeds)
    return replace(protocol, seeds=seeds) if seeds else protocol


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


def _job(out: Path, spec: RunSpec) -> RunDir:
    """A fresh run folder inside the gallery; one of an earlier generation is replaced."""
    from bespoke_gui.core.rundir import RunDir
    from bespoke_gui.core.runs import run_state

    folder = out.absolute() / JOB
    if (folder / "spec.json").is_file() and run_state(RunDir(folder)) == "running":
        raise AppError("is being generated already", file=out, hint="wait, or stop that run")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        run_dir = RunDir(folder).create()
    except OSError as error:
        raise AppError(f"cannot be written: {error.strerror}", file=out) from error
    spec.save(run_dir.spec_path)
    return run_dir


def _record(args: argparse.Namespace, protocol: Protocol, spec: RunSpec) -> None:
    from bespoke_gui.core.gallery_info import EpochInfo, record

    epochs = {
        lora.epoch: EpochInfo(Path(lora.path).name, lora.sha256, lora.learning_rate)
        for lora in spec.loras
        if lora.path
    }
    first = args.sources[0]
    name = first.absolute().name if (first / "spec.json").is_file() else ""
    record(args.out, protocol, run=name, epochs=epochs)


def expected_images(out: Path, protocol: Protocol, spec: RunSpec) -> list[str]:
    """The images that were asked for and are there, relative to the gallery."""
    several = len(protocol.seeds) > 1
    names = [
        f"epoch_{lora.epoch:02d}/{prompt.name}{f'_{seed}' if several else ''}.png"
        for lora in spec.loras
        for prompt in protocol.prompts
        for seed in protocol.seeds
    ]
    return [name for name in names if (out / name).is_file()]
