"""`bespoke project protocol | criteria`: the files that say what is asked and what counts."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from bespoke_gui.commands import _project_criteria
from bespoke_gui.commands._place_of_file import place_of, said
from bespoke_gui.commands.output import Result
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
    _project_criteria.add_arguments(actions)


def run(args: argparse.Namespace) -> Result:
    """Write the file unless it is there, and show what it holds."""
    return {"protocol": _protocol, "criteria": _project_criteria.run}[args.action](args)


def _protocol(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.generation import chosen_protocol
    from bespoke_gui.core.protocol import generation_id, load_protocol

    path, missing = place_of(args, "protocol_path")
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
    return Result(data, "\n".join([said(path, missing), *lines]))
