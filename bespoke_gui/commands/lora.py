"""`bespoke lora inspect|convert FILE`: what a LoRA file holds."""

from __future__ import annotations

import argparse
from pathlib import Path

from bespoke_gui.commands.output import Result
from bespoke_gui.core.errors import AppError

HELP = "say what a LoRA file holds"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, words in (("inspect", "format, modules, rank, metadata"), ("convert", "later")):
        action = actions.add_parser(name, help=words)
        action.add_argument("file", type=Path, metavar="FILE")


def run(args: argparse.Namespace) -> Result:
    """Inspect the file."""
    if args.action == "convert":
        raise AppError("converting LoRA files is not built yet", kind="usage")
    from bespoke_gui.core.lorafile import inspect

    info = inspect(args.file)
    alpha = "unknown" if info.alpha is None else f"{info.alpha:g}"
    epoch = "" if info.epoch is None else f", epoch {info.epoch} of {info.epochs}"
    text = (
        f"{args.file}: {info.format}, {len(info.modules)} modules, rank {info.rank}, "
        f"alpha {alpha}, {info.dtype}{epoch}"
    )
    return Result({**info.as_dict(), "modules": len(info.modules)}, text)
