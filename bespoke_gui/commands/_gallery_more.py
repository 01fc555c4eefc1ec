"""`bespoke gallery list | difference | nearest | from-try`: what the room shows of images."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands._training_set import add_reference, training_set
from bespoke_gui.commands.output import Result, say
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.cell_difference import Difference
    from bespoke_gui.core.reference import Reference

ACTIONS = ("list", "difference", "nearest", "from-try")
ZOOM = 16


def add_arguments(actions: argparse._SubParsersAction) -> None:
    """Declare the actions."""
    listing = actions.add_parser("list", help="all galleries of a project")
    listing.add_argument("folder", type=Path, nargs="?", default=Path(), metavar="PROJECT")
    two = actions.add_parser("difference", help="two images cell by cell at their native size")
    two.add_argument("one", type=Path, metavar="IMAGE")
    two.add_argument("other", type=Path, metavar="IMAGE")
    two.add_argument("--native", type=int, default=24, help="cells along the longer side (24)")
    two.add_argument("--downsampler", default="median", help="median, centre, mode, box, ...")
    two.add_argument("--reference", type=Path, metavar="DIR", help="whose colours are locked to")
    words = "both beside their difference, red where cells differ"
    two.add_argument("--out", type=Path, metavar="PNG", help=words)
    near = actions.add_parser("nearest", help="the training image nearest to each image, and marks")
    near.add_argument("gallery", type=Path)
    near.add_argument("--epoch", type=int, nargs="+", default=[], metavar="N", help="all if none")
    near.add_argument("--prompt", nargs="+", default=[], metavar="NAME", help="all if none")
    add_reference(near)
    take = actions.add_parser("from-try", help="copy what was tried at one strength as a gallery")
    take.add_argument("trial", type=Path, metavar="DIR", help="the --out of bespoke try")
    take.add_argument("gallery", type=Path)
    take.add_argument("--scale", type=float, metavar="S", help="which strength, where several are")


def run(args: argparse.Namespace) -> Result:
    """Do one of the actions."""
    actions = {"list": _list, "difference": _difference, "nearest": _nearest}
    return {**actions, "from-try": _from_try}[args.action](args)


def _list(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.project import find_project

    project = find_project(args.folder.absolute())
    if project is None:
        hint = "name the project's folder"
        raise AppError("is no project", file=args.folder, hint=hint, kind="usage")
    found = [_facts(path) for path in sorted(project.galleries_dir.glob("*")) if path.is_dir()]
    lines = [_line(entry) for entry in found]
    failed = any(entry["problem"] for entry in found)
    return Result({"galleries": found}, "\n".join(lines) or "no galleries", int(failed))


def _facts(folder: Path) -> dict[str, Any]:
    from bespoke_gui.core.gallery import open_gallery
    from bespoke_gui.core.gallery_decision import read_decision

    entry: dict[str, Any] = {"gallery": str(folder), "name": folder.name, "problem": ""}
    try:
        gallery, decision = open_gallery(folder), read_decision(folder)
    except AppError as error:
        return {**entry, "problem": f"{error.message} ({error.hint})"}
    return {
        **entry, "images": len(gallery.cells), "epochs": gallery.epochs, "run": gallery.info.run,
        "generation_id": gallery.generation_id, "decided": decision.epoch if decision else None,
    }  # fmt: skip


def _line(entry: dict[str, Any]) -> str:
    if entry["problem"]:
        return f"{entry['name']}  {entry['problem']}"
    decided = "nothing decided" if entry["decided"] is None else f"epoch {entry['decided']} chosen"
    run = f"  of {entry['run']}" if entry["run"] else ""
    return (
        f"{entry['name']}  {entry['images']} images, {len(entry['epochs'])} epochs{run}  {decided}"
    )


def _difference(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.cell_difference import difference
    from bespoke_gui.core.look import Look, read_cells
    from bespoke_gui.core.reference import locked_to

    look = locked_to(Look(args.native, args.downsampler), args.reference)
    one, other = (read_cells(path, look).cells for path in (args.one, args.other))
    found = difference(one, other)
    if found is None:
        hint = "give the same native size for both"
        raise AppError("and the other have different native sizes", file=args.one, hint=hint)
    data = {
        "cells": found.cells, "changed": found.changed, "clear": found.clear,
        "mean": round(found.mean, 6), "out": str(args.out) if args.out else None,
    }  # fmt: skip
    if args.out:
        _draw(args.out, one, other, found)
    text = f"{found.changed} of {found.cells} cells differ, {found.clear} of them clearly"
    return Result(data, text)


def _draw(out: Path, one: Any, other: Any, found: Difference) -> None:
    """Write both and their difference over grey, each cell 16 px."""
    import numpy as np

    from bespoke_gui.core.imageset.native import write_png

    heat = found.heat().astype(float)
    share = heat[..., 3:] / 255
    red = (heat[..., :3] * share + 128 * (1 - share)).astype(np.uint8)
    gap = np.full((one.shape[0], 1, 3), 255, np.uint8)
    whole = np.concatenate([one, gap, other, gap, red], axis=1)
    write_png(out, whole.repeat(ZOOM, axis=0).repeat(ZOOM, axis=1))


def _nearest(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.gallery import open_gallery
    from bespoke_gui.core.gallery_export import chosen_images
    from bespoke_gui.core.look import merge_tau
    from bespoke_gui.core.reference import locked_to
    from bespoke_gui.core.score import look_of, read_all

    gallery = open_gallery(args.gallery)
    reference = training_set(gallery, args.reference)
    if reference is None:
        hint = "name the training images with --reference"
        raise AppError("which training images?", hint=hint, kind="usage")
    cells, problems = read_all(gallery, locked_to(look_of(gallery), reference))
    tau = merge_tau([entry.cells for entry in cells.values()], look_of(gallery).merge)
    chosen = [image.name for image in chosen_images(gallery, args.epoch, args.prompt)]
    found = {name: _beside(cells[name].cells, reference, tau) for name in chosen if name in cells}
    for problem in problems:
        say(f"{problem.severity}: {problem.file}: {problem.message}")
    data = {"images": found, "problems": [problem.as_dict() for problem in problems]}
    lines = [
        f"{name}: {entry['training_image'] or 'no training image of its size'}"
        + (f", nearness {entry['nearness']:.2f}" if entry["training_image"] else "")
        + (", a copy" if entry["copy"] else "")
        for name, entry in found.items()
    ]
    return Result(data, "\n".join(lines), int(bool(problems)))


def _beside(cells: Any, reference: Reference, tau: float) -> dict[str, Any]:
    """Return what the close-up shows of one image: its neighbour, and cells that are marked."""
    from bespoke_gui.core.look import merged
    from bespoke_gui.core.nearest_training import COPY, nearest_training
    from bespoke_gui.core.picture_marks import picture_marks

    small = merged(cells, tau)
    near, marks = nearest_training(small, reference), picture_marks(small, reference)
    return {
        "training_image": near.path.name if near else None,
        "nearness": round(near.nearness, 4) if near else None,
        "mirrored": bool(near and near.mirrored),
        "differing": near.differing if near else None,
        "copy": bool(near and near.nearness >= COPY),
        "off_palette": int(marks.off_palette.sum()),
        "strays": int(marks.strays.sum()),
    }


def _from_try(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.kept_trials import read_trial, send_to_galleries

    trial = read_trial(args.trial)
    scale = args.scale
    if scale is None:
        if len(trial.strengths) != 1:
            tried = ", ".join(f"{strength:g}" for strength in trial.strengths)
            raise AppError("which strength?", hint=f"name one with --scale: {tried}", kind="usage")
        scale = trial.strengths[0]
    made = send_to_galleries(trial, scale, args.gallery.absolute())
    say(f"strength {scale:g} of {args.trial}")
    return Result({"gallery": str(made), "scale": scale}, f"wrote {made}")
