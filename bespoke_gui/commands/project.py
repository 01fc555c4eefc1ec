"""Command project: its dataset folders with their repeats, its protocol and its criteria."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands import _project_files
from bespoke_gui.commands._captions_text import counted
from bespoke_gui.commands.output import Result

if TYPE_CHECKING:
    from bespoke_gui.core.project import Project

HELP = "a project's dataset folders, its protocol (what is asked) and criteria (what counts)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _action(actions, "folders", "list them, with what an epoch shows")
    add = _action(actions, "add-folder", "take a folder in where it lies")
    _folder(add)
    change = _action(actions, "set-folder", "change repeats or purpose of a folder")
    _folder(change)
    change.add_argument("--training", action="store_true", help="its images are taught")
    for parser_ in (add, change):
        parser_.add_argument("--repeats", type=int, default=0, metavar="N", help="times an epoch")
        parser_.add_argument(
            "--regularisation", action="store_true", help="its images show what is not to change"
        )
    _folder(_action(actions, "remove-folder", "take a folder out; its files stay"))
    _project_files.add_arguments(actions)


def run(args: argparse.Namespace) -> Result:
    """Do the action; those about folders list them as they are then."""
    from bespoke_gui.core.pairs import folders
    from bespoke_gui.core.project import open_project

    if args.action in _project_files.ACTIONS:
        return _project_files.run(args)
    project = open_project(args.project)
    if args.action == "add-folder":
        project = folders.add_folder(project, args.folder, args.repeats, args.regularisation)
    elif args.action == "remove-folder":
        project = folders.remove_folder(project, args.folder)
    elif args.action == "set-folder":
        project = folders.change_folder(project, args.folder, args.repeats, _purpose(args))
    return _listed(project)


def _action(actions: Any, name: str, text: str) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=text)
    parser.add_argument("project", type=Path, metavar="PROJECT", help="project folder")
    return parser


def _folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder of images")


def _purpose(args: argparse.Namespace) -> bool | None:
    if args.training or args.regularisation:
        return bool(args.regularisation)
    return None


def _listed(project: Project) -> Result:
    from bespoke_gui.core.pairs.folders import describe

    found = describe(project)
    data = {
        "folders": [facts.as_dict() for facts in found.folders],
        "images_per_epoch": found.images_per_epoch,
    }
    lines = []
    for facts in found.folders:
        counts = f"{counted(facts.images, 'image')}, {counted(facts.captions, 'caption')}"
        excluded = f", {facts.excluded} excluded" if facts.excluded else ""
        kind = ", for regularisation" if facts.regularisation else ""
        told = facts.problem or f"{counts}{excluded}"
        lines.append(f"{facts.folder}: {facts.repeats} x {told}{kind}")
    lines.append(f"an epoch shows {counted(found.images_per_epoch, 'image')}")
    failed = any(facts.problem for facts in found.folders)
    return Result(data, "\n".join(lines), int(failed))
