"""Command try: any prompt on any epochs, strengths and seeds of runs or LoRA files."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from bespoke_gui.commands._sources import HELP as SOURCES
from bespoke_gui.commands._sources import sources_of
from bespoke_gui.commands.output import Result

HELP = "any prompt on any epochs and strengths, with the LoRA off beside"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to ask, of which epochs, how strongly."""
    parser.add_argument("sources", type=Path, nargs="+", metavar="RUN_OR_LORA", help=SOURCES)
    parser.add_argument("--prompt", action="append", required=True, metavar="TEXT")
    parser.add_argument("--epoch", type=int, nargs="+", default=[], metavar="N", help="all if none")
    parser.add_argument("--scale", type=float, nargs="+", default=[], metavar="S",
                        help="LoRA strengths; the protocol's if none")  # fmt: skip
    parser.add_argument("--seed", type=int, nargs="+", default=[], metavar="N",
                        help="the protocol's if none")  # fmt: skip
    parser.add_argument("--negative", metavar="TEXT", help="the protocol's if not given")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--protocol", type=Path, metavar="TOML", help="base, sampler and sizes")
    parser.add_argument("--base", default="", help='"embedded", a folder, a file or a hub id')
    words = "add the prompts to this protocol, to be asked of every epoch"
    parser.add_argument("--keep", type=Path, metavar="TOML", help=words)
    parser.add_argument("--engine", default="sample", choices=("sample", "fake"))


def run(args: argparse.Namespace) -> Result:
    """Make what is missing, and list the images with epoch, strength and seed."""
    from dataclasses import replace

    from bespoke_gui.commands._runs_follow import follow
    from bespoke_gui.commands.generate import protocol_for, require_finished
    from bespoke_gui.core.runs import read_run
    from bespoke_gui.core.trial import keep_prompt, new_trial
    from bespoke_gui.launch.base import BACKENDS

    args.sources = sources_of(args.sources, args.out)
    settings = protocol_for(args.protocol, args.sources, args.base)
    if args.negative is not None:
        settings = replace(settings, negative=args.negative)
    trial = new_trial(
        args.sources, args.prompt, settings, args.out, epochs=args.epoch, strengths=args.scale,
        seeds=args.seed, engine=args.engine,
    )  # fmt: skip
    backend = BACKENDS["local"]
    backend.start(trial.run_dir)
    follow(backend, trial.run_dir)
    require_finished(read_run(trial.run_dir.folder), args.out)
    made = trial.images()
    grid = [asdict(image) for image in made]
    texts = args.prompt if args.keep else []
    kept = [keep_prompt(args.keep, text, negative=settings.negative).name for text in texts]
    data = {
        "kept": kept,
        "images": [image.path for image in made],
        "grid": grid,
        "out": str(args.out),
    }
    return Result(data, f"{args.out}: {len(made)} images")
