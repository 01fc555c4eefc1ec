"""Where a project's file lies that a command writes once, and the words about it."""

from __future__ import annotations

import argparse
from pathlib import Path

from bespoke_gui.commands.output import say
from bespoke_gui.core.errors import AppError


def place_of(args: argparse.Namespace, name: str) -> tuple[Path, bool]:
    """Return where the file lies and whether it has to be written; none is written over."""
    from bespoke_gui.core.project import open_project

    project = open_project(args.project)
    path = args.out or getattr(project, name)
    if args.out and path.exists():
        hint = "name another file"
        raise AppError("is there already", file=path, hint=hint, kind="conflict")
    return path, not path.exists()


def said(path: Path, written: bool) -> str:
    """Tell whether the file was written; return the first line of the answer."""
    say(f"wrote {path}" if written else f"{path} is kept as it is")
    return str(path)
