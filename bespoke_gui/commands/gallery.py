"""Command gallery: images made elsewhere in, chosen ones out; what is known about galleries."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands import _gallery_more
from bespoke_gui.commands._training_set import add_reference, training_set
from bespoke_gui.commands.output import Result, say
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    import numpy as np

    from bespoke_gui.core.gallery import Gallery
    from bespoke_gui.core.gallery_export import PreviewedExport

HELP = "import images made elsewhere, export chosen ones, say what is known about a gallery"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    take = actions.add_parser("import", help="copy images of epochs into a new gallery")
    take.add_argument("source", type=Path, metavar="DIR")
    take.add_argument("gallery", type=Path)
    take.add_argument("--pattern", default="", help="names, like run_{epoch}/{prompt}_{seed}.png")
    words = "how they were made, by your word: called declared, not proven"
    take.add_argument("--protocol", type=Path, metavar="TOML", help=words)
    out = actions.add_parser("export", help="chosen images as true native PNGs, upscales, a sheet")
    out.add_argument("gallery", type=Path)
    out.add_argument("--out", type=Path, required=True, metavar="DIR")
    out.add_argument("--epoch", type=int, nargs="+", default=[], metavar="N", help="all if none")
    out.add_argument("--prompt", nargs="+", default=[], metavar="NAME", help="all if none")
    out.add_argument("--seed", type=int, nargs="+", default=[], metavar="N", help="all if none")
    words = "only these, like epoch_08/green_bg_lad_42.png"
    out.add_argument("--image", nargs="+", default=[], metavar="NAME", help=words)
    words = 'lock colours to .gpl, .hex, an image, or "training" with --reference'
    out.add_argument("--palette", default="", metavar="P", help=words)
    add_reference(out)
    out.add_argument("--scale", type=int, nargs="+", default=[1], metavar="K", help="px a cell (1)")
    out.add_argument("--sheet", type=int, default=0, metavar="K", help="a sheet, px a cell")
    out.add_argument("--columns", type=int, default=0, help="of the sheet; about square if none")
    words = "write nothing: say how many colours and cells would change"
    out.add_argument("--dry-run", action="store_true", help=words)
    out.add_argument("--keep-jitter", action="store_true", help="do not merge near colours")
    show = actions.add_parser("show", help="epochs, prompts, seeds, how it was made")
    show.add_argument("gallery", type=Path)
    _gallery_more.add_arguments(actions)


def run(args: argparse.Namespace) -> Result:
    """Import, export, show, or one of the rarer actions."""
    if args.action in _gallery_more.ACTIONS:
        return _gallery_more.run(args)
    from bespoke_gui.core.gallery import import_gallery, open_gallery
    from bespoke_gui.core.protocol import load_protocol

    if args.action == "export":
        return _export(args)
    if args.action == "show":
        return _result(open_gallery(args.gallery))
    declared = load_protocol(args.protocol) if args.protocol else None
    return _result(import_gallery(args.source, args.gallery, declared, args.pattern))


def _export(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.gallery import open_gallery
    from bespoke_gui.core.gallery_export import (
        ExportWanted,
        chosen_images,
        export_images,
        preview_export,
    )

    gallery = open_gallery(args.gallery)
    images = chosen_images(gallery, args.epoch, args.prompt, args.seed, args.image)
    wanted = ExportWanted(
        tuple(dict.fromkeys(args.scale)), _palette(args, gallery), not args.keep_jitter,
        args.sheet, args.columns,
    )  # fmt: skip
    if args.dry_run:
        return _previewed(preview_export(gallery, images, wanted, len(images)))
    done = export_images(gallery, images, args.out, wanted)
    for problem in done.problems:
        say(f"{problem.severity}: {problem.file}: {problem.message}")
    data = {"files": done.files, "problems": [problem.as_dict() for problem in done.problems]}
    return Result(data, f"{args.out}: {len(done.files)} files", int(bool(done.problems)))


def _previewed(found: PreviewedExport) -> Result:
    images = {
        one.image.name: {
            "colours_before": one.colours_before, "colours_after": one.colours_after,
            "cells": one.after.shape[0] * one.after.shape[1], "changed": one.changed,
            "seen": one.seen,
        }
        for one in found.images
    }  # fmt: skip
    problems = [problem.as_dict() for problem in found.problems]
    lines = [
        f"{name}: {one['colours_before']} -> {one['colours_after']} colours, "
        f"{one['changed']} of {one['cells']} cells change, {one['seen']} visibly"
        for name, one in images.items()
    ]
    data = {"images": images, "files": {}, "problems": problems}
    return Result(data, "\n".join(lines), int(bool(problems)))


def _palette(args: argparse.Namespace, gallery: Gallery) -> np.ndarray | None:
    """The palette asked for; the training images' where the gallery is looked at locked to it."""
    from bespoke_gui.core.downsample import DOWNSAMPLERS
    from bespoke_gui.core.gallery_export import TRAINING, training_palette
    from bespoke_gui.core.pixels.palette import read_palette
    from bespoke_gui.core.score import look_of

    look = look_of(gallery)
    wanted = args.palette or (TRAINING if DOWNSAMPLERS[look.downsampler].locks else "")
    if wanted != TRAINING:
        return read_palette(Path(wanted)) if wanted else None
    reference = training_set(gallery, args.reference)
    if reference is None:
        hint = "name the training images with --reference"
        raise AppError("which training images?", hint=hint, kind="usage")
    return training_palette(reference, look)


def _result(gallery: Gallery) -> Result:
    from bespoke_gui.core.provenance import provenance

    known = provenance(gallery)
    problems = [*gallery.problems, *known.conflicts]
    for problem in problems:
        say(f"{problem.severity}: {problem.file + ': ' if problem.file else ''}{problem.message}")
    data: dict[str, Any] = {
        "gallery": str(gallery.folder), "images": len(gallery.cells), "epochs": gallery.epochs,
        "prompts": gallery.prompts, "seeds": gallery.seeds, "basis": known.kind,
        "generation_id": gallery.generation_id, "run": gallery.info.run,
        "checkpoints": gallery.info.as_dict()["epochs"],
        "problems": [problem.as_dict() for problem in problems],
    }  # fmt: skip
    text = (
        f"{gallery.folder}: {len(gallery.cells)} images, {len(gallery.epochs)} epochs, "
        f"{len(gallery.prompts)} prompts; how they were made is {known.kind}"
    )
    return Result(data, "\n".join([text, *_epoch_lines(gallery)]))


def _epoch_lines(gallery: Gallery) -> list[str]:
    """One line for each epoch of which the record knows a rate or a held-out loss."""
    from bespoke_gui.core.annealing import is_annealed, shares
    from bespoke_gui.core.gallery import epoch_title

    known = gallery.info.epochs
    high = shares({epoch: one.learning_rate for epoch, one in known.items()})
    lines = []
    for epoch in gallery.epochs:
        rate, loss = gallery.learning_rate(epoch), gallery.held_out_loss(epoch)
        words = [] if rate is None else [f"rate {rate:.1e}"]
        words += ["annealed"] if epoch in high and is_annealed(high[epoch]) else []
        words += [] if loss is None else [f"held-out loss {loss:.4f}"]
        lines += [f"  {epoch_title(epoch)}: {', '.join(words)}"] if words else []
    return lines
