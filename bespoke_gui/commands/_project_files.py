"""`bespoke project protocol | criteria`: the files that say what is asked and what counts."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bespoke_gui.commands.output import Result, say
from bespoke_gui.core.errors import AppError

ACTIONS = ("protocol", "criteria")


def add_arguments(actions: argparse._SubParsersAction) -> None:
    """Declare both actions."""
    words = "write protocol.toml with the seven built-in prompts where there is none, and show it"
    asked = actions.add_parser("protocol", help=words)
    asked.add_argument("project", type=Path, metavar="PROJECT", help="project folder")
    asked.add_argument("--base", default="", help='"embedded", a folder, a file or a hub id')
    asked.add_argument("--seeds", type=int, nargs="+", default=[], metavar="N")
    asked.add_argument("--out", type=Path, metavar="TOML", help="write it there instead")
    words = "write criteria.toml with the built-in criteria where there is none, and show it"
    counts = actions.add_parser("criteria", help=words)
    counts.add_argument("project", type=Path, metavar="PROJECT", help="project folder")
    counts.add_argument("--out", type=Path, metavar="TOML", help="write it there instead")


def run(args: argparse.Namespace) -> Result:
    """Write the file unless it is there, and show what it holds."""
    return {"protocol": _protocol, "criteria": _criteria}[args.action](args)


def _place(args: argparse.Namespace, name: str) -> tuple[Path, bool]:
    """Return where the file lies and whether it has to be written; none is written over."""
    from bespoke_gui.core.project import open_project

    project = open_project(args.project)
    path = args.out or getattr(project, name)
    if args.out and path.exists():
        hint = "name another file"
        raise AppError("is there already", file=path, hint=hint, kind="conflict")
    return path, not path.exists()


def _protocol(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.generation import chosen_protocol
    from bespoke_gui.core.protocol import generation_id, load_protocol

    path, missing = _place(args, "protocol_path")
    if missing:
        made = chosen_protocol(None, args.base)
        (replace(made, seeds=tuple(args.seeds)) if args.seeds else made).save(path)
    elif args.base or args.seeds:
        hint = f"edit {path.name}, or write a new one with --out"
        raise AppError("is there already", file=path, hint=hint, kind="conflict")
    protocol = load_protocol(path)
    data: dict[str, Any] = {
        "protocol": str(path), "written": missing, "generation_id": generation_id(protocol),
        **protocol.as_dict(),
    }  # fmt: skip
    lines = [f"{prompt.name}: {prompt.text}" for prompt in protocol.prompts]
    return Result(data, "\n".join([_said(path, missing), *lines]))


def _criteria(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.atomic import write_bytes
    from bespoke_gui.core.criteria import load_criteria
    from bespoke_gui.core.resources import resource

    path, missing = _place(args, "criteria_path")
    if missing:
        write_bytes(path, resource("criteria.toml").read_bytes())
    found = load_criteria(path)
    lines = [asdict(line) for line in found.lines]
    data = {"criteria": str(path), "written": missing, "lines": lines, "baseline": found.baseline,
            "weights": found.weights}  # fmt: skip
    return Result(data, "\n".join([_said(path, missing), *(line["title"] for line in lines)]))


def _said(path: Path, written: bool) -> str:
    say(f"wrote {path}" if written else f"{path} is kept as it is")
    return str(path)
