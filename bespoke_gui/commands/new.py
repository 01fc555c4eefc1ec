"""Command new: makes a project out of a folder of images; copies, never moves."""

from __future__ import annotations

import argparse
from pathlib import Path

from bespoke_gui.commands._problems import as_dicts, lines
from bespoke_gui.commands.output import Result, say

HELP = "make a project from a folder of images (copies them, never moves)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the project is made")
    parser.add_argument("--images", type=Path, required=True, metavar="SRC", help="your images")
    parser.add_argument(
        "--captions", type=Path, metavar="SRC", help="your captions, if not beside the images"
    )
    parser.add_argument("--name", default="", help="the project's name (else the folder's)")


def run(args: argparse.Namespace) -> Result:
    """Make the project and say what was copied."""
    from bespoke_gui.core.project import create_project

    created = create_project(args.folder, args.images, args.captions, args.name)
    for line in lines(created.dataset.problems):
        say(line)
    missing = created.images - created.captions
    without = f" ({missing} images have none)" if missing else ""
    text = f"{created.project.folder}: {created.images} images, {created.captions} captions"
    data = {
        "project": str(created.project.folder),
        "name": created.project.name,
        "images": created.images,
        "captions": created.captions,
        "problems": as_dicts(created.dataset.problems),
    }
    return Result(data, text + without)
