"""Command gallery: bring in images made elsewhere; what is known about a gallery."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands.output import Result, say

if TYPE_CHECKING:
    from bespoke_gui.core.gallery import Gallery

HELP = "import images made elsewhere as a gallery, or say what is known about one"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    take = actions.add_parser("import", help="copy images of epochs into a new gallery")
    take.add_argument("source", type=Path, metavar="DIR")
    take.add_argument("gallery", type=Path)
    take.add_argument("--pattern", default="", help="names, like run_{epoch}/{prompt}_{seed}.png")
    words = "how they were made, by your word: called declared, not proven"
    take.add_argument("--protocol", type=Path, metavar="TOML", help=words)
    show = actions.add_parser("show", help="epochs, prompts, seeds, how it was made")
    show.add_argument("gallery", type=Path)


def run(args: argparse.Namespace) -> Result:
    """Import or show."""
    from bespoke_gui.core.gallery import import_gallery, open_gallery
    from bespoke_gui.core.protocol import load_protocol

    if args.action == "show":
        return _result(open_gallery(args.gallery))
    declared = load_protocol(args.protocol) if args.protocol else None
    return _result(import_gallery(args.source, args.gallery, declared, args.pattern))


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
        "problems": [problem.as_dict() for problem in problems],
    }  # fmt: skip
    text = (
        f"{gallery.folder}: {len(gallery.cells)} images, {len(gallery.epochs)} epochs, "
        f"{len(gallery.prompts)} prompts; how they were made is {known.kind}"
    )
    return Result(data, text)
