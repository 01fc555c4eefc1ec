"""`bespoke loop`: the whole loop without a window, as the commands a person would type."""

from __future__ import annotations

import argparse
import importlib
import shlex
import time
from pathlib import Path
from typing import Any

from bespoke_gui.commands.output import Result, say
from bespoke_gui.core.errors import AppError

HELP = "the whole loop without a window: demo set, training, gallery, report, collage"
SIZE = 192
REPEATS = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "--out", type=Path, default=Path("loop-out"), metavar="DIR", help="where everything goes"
    )


def run(args: argparse.Namespace) -> Result:
    """Install the engine if need be, train the demo set, and say where the results lie."""
    began = time.monotonic()
    out = args.out
    if out.exists():
        raise AppError("is there already, nothing was changed", file=out, hint="name another --out")
    _install_engine()
    project = _project(out / "project")
    config, package = project / "configs" / "demo.toml", project / "packages" / "demo.zip"
    prepared, run_dir = project / "prepared" / str(SIZE), project / "runs" / "demo"
    gallery = project / "galleries" / "demo"
    _call("check", project)
    _call("prepare", project / "dataset", prepared, "--size", SIZE)
    _call("package", prepared, "--config", config, "--out", package, "--repeats", REPEATS)
    _call("package", "verify", package)
    _call("train", package, "--run-dir", run_dir, "--wait")
    _call("generate", run_dir, "--protocol", project / "protocol.toml", "--out", gallery)
    _call("score", gallery, "--reference", prepared)
    reports = [out / "report.html", out / "collage.png"]
    for report in reports:
        _call("report", gallery, "--reference", prepared, "--out", report)
    seconds = round(time.monotonic() - began)
    data: dict[str, Any] = {
        "project": str(project), "run": str(run_dir), "gallery": str(gallery),
        "report": str(reports[0]), "collage": str(reports[1]), "seconds": seconds,
    }  # fmt: skip
    lines = [f"{name:8} {data[name]}" for name in ("project", "gallery", "report", "collage")]
    return Result(data, "\n".join([f"The loop took {seconds} s.", *lines]))


def _install_engine() -> None:
    from bespoke_gui.launch import engine_env

    if engine_env.engine_python() is None:
        say(f"installing the training engine (about {engine_env.INSTALL_BYTES / 1e9:.1f} GB)")
        engine_env.install(say)


def _project(folder: Path) -> Path:
    from bespoke_gui.core.demo import write_demo

    folder.parent.mkdir(parents=True)
    write_demo(folder, finished=False, damaged=False)
    for name in ("prepared", "packages"):
        (folder / name).mkdir(exist_ok=True)
    return folder


def _call(name: str, *words: object) -> None:
    """Run one command as if typed, showing it; raises AppError when it found or met trouble."""
    texts = [str(word) for word in words]
    say(f"\n$ bespoke {shlex.join([name, *texts])}")
    module = importlib.import_module(f"bespoke_gui.commands.{name}")
    parser = argparse.ArgumentParser(prog=f"bespoke {name}")
    module.add_arguments(parser)
    result: Result = module.run(parser.parse_args(texts))
    say(result.text)
    if result.code:
        raise AppError(f"`bespoke {name}` stopped the loop", hint="the lines above say why")
