"""`bespoke images exclude, include`: pairs of a project or dataset folder."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bespoke_gui.commands._captions_text import counted
from bespoke_gui.commands.output import Result

FOLDER = "project or dataset folder"


def add_arguments(actions: Any) -> None:
    """Declare the actions."""
    out = _action(actions, "exclude", "keep images out of training; nothing is deleted")
    _names(out)
    _names(_action(actions, "include", "take excluded images in again"))


def run(args: argparse.Namespace) -> Result:
    """Do the action."""
    return ACTIONS[args.action](args)


def _action(actions: Any, name: str, text: str) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=text)
    parser.add_argument("folder", type=Path, metavar="DIR", help=FOLDER)
    return parser


def _names(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="+", metavar="NAME", help="image, relative to DIR")


def _exclude(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.pairs.exclude import exclude
    from bespoke_gui.core.pairs.target import open_pairs

    pairs = open_pairs(args.folder)
    changed = exclude(pairs, args.names)
    return _state(pairs.items(), changed, "excluded")


def _include(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.pairs.exclude import include
    from bespoke_gui.core.pairs.target import open_pairs

    pairs = open_pairs(args.folder)
    changed = include(pairs, args.names)
    return _state(pairs.items(), changed, "included")


def _state(items: dict[str, Any], changed: list[str], done: str) -> Result:
    """Tell what changed, and everything that is excluded now."""
    out = [name for name, item in items.items() if item.excluded]
    data = {"changed": changed, "excluded": out, "images": len(items) - len(out)}
    text = f"{done} {counted(len(changed), 'image')}; {len(items) - len(out)} are used"
    return Result(data, f"{text}, {len(out)} excluded")


ACTIONS: dict[str, Callable[[argparse.Namespace], Result]] = {
    "exclude": _exclude,
    "include": _include,
}
