"""What the queue commands share: whose queue is meant, and how it is told."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands.output import Result
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.project import Project
    from bespoke_gui.core.queue.entry import Entry
    from bespoke_gui.core.queue.store import Queue


def project_of(args: argparse.Namespace, near: Path | None = None) -> Project:
    """Return the project named, or the one that `near` (or the folder we are in) lies in."""
    from bespoke_gui.core.project import find_project

    start = args.project or near or Path()
    project = find_project(start)
    if project is None:
        hint = "name it with --project"
        raise AppError("is in no project", file=start, hint=hint, kind="usage")
    return project


def result(queue: Queue, **more: Any) -> Result:
    """Return the whole queue as the command's answer."""
    data = {"paused": queue.paused, "entries": [entry.told() for entry in queue.entries], **more}
    lines = [_line(entry) for entry in queue.entries] or ["nothing is in line"]
    if queue.paused:
        lines.append("the queue is paused: nothing new starts (bespoke queue resume)")
    return Result(data, "\n".join(lines))


def _line(entry: Entry) -> str:
    more = entry.note or (f"run {entry.run}" if entry.run else "")
    return f"{entry.id:>3}  {entry.state:<9}  {entry.machine:<12}  {entry.title}  {more}".rstrip()
