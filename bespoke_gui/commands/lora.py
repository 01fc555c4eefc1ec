"""`bespoke lora inspect|convert FILE`: what a LoRA file holds, and other formats of it."""

from __future__ import annotations

import argparse
from pathlib import Path

from bespoke_gui.commands.output import Result

HELP = "say what a LoRA file holds, or write it in another format"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    look = actions.add_parser("inspect", help="format, modules, rank, metadata")
    look.add_argument("file", type=Path, metavar="FILE")
    change = actions.add_parser("convert", help="into kohya's, diffusers' or peft's format")
    change.add_argument("file", type=Path, metavar="FILE", help="LoRA file, or a folder of peft's")
    change.add_argument("--to", required=True, choices=("kohya", "diffusers", "peft"))
    change.add_argument(
        "--out", type=Path, required=True, metavar="FILE",
        help="the new file; for peft a folder, or one .safetensors file with alpha in the weights",
    )  # fmt: skip


def run(args: argparse.Namespace) -> Result:
    """Inspect or convert."""
    return _convert(args) if args.action == "convert" else _inspect(args)


def _inspect(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.lorafile import inspect

    info = inspect(args.file)
    alpha = "unknown" if info.alpha is None else f"{info.alpha:g}"
    epoch = "" if info.epoch is None else f", epoch {info.epoch} of {info.epochs}"
    text = (
        f"{args.file}: {info.format}, {len(info.modules)} modules, rank {info.rank}, "
        f"alpha {alpha}, {info.dtype}{epoch}"
    )
    return Result({**info.as_dict(), "modules": len(info.modules)}, text)


def _convert(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.lora_convert.convert import convert

    done = convert(args.file, args.to, args.out)
    data = {
        "path": str(args.out), "format": done.format, "source_format": done.source_format,
        "files": [str(path) for path in done.files], "modules": done.modules,
        "ranks": done.ranks, "exact": done.exact, "note": done.note,
    }  # fmt: skip
    ranks = ", ".join(str(rank) for rank in done.ranks)
    same = "same weights to the bit" if done.exact else done.note
    text = f"{args.out}: {done.format} from {done.source_format}, {done.modules} modules"
    return Result(data, f"{text}, rank {ranks}; {same}")
