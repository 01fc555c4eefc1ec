"""`bespoke demo DIR`: writes the demo project."""

from __future__ import annotations

import argparse
from pathlib import Path

from bespoke_gui.commands.output import Result

HELP = "write the demo project into a new folder"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("folder", type=Path, metavar="DIR")


def run(args: argparse.Namespace) -> Result:
    """Write the demo project and say where."""
    from bespoke_gui.core.dataset import scan
    from bespoke_gui.core.demo import write_demo

    project = write_demo(args.folder)
    images = len(scan(project.folder / "dataset").items)
    data = {"project": str(project.folder), "images": images}
    return Result(data, f"{project.folder}: {images} images, a finished run and its gallery")
