"""`bespoke images add, exclude, include, rename, remove, restore`: pairs of a project or folder."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bespoke_gui.commands._captions_text import counted
from bespoke_gui.commands._problems import as_dicts, lines
from bespoke_gui.commands.output import Result, progress

FOLDER = "project or dataset folder"


def add_arguments(actions: Any) -> None:
    """Declare the actions."""
    add = _action(actions, "add", "copy images and their captions into the dataset")
    add.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="image or folder")
    add.add_argument("--into", default="", metavar="FOLDER", help="which of several datasets")
    add.add_argument("--duplicates", action="store_true", help="also what is there already")
    _names(_action(actions, "exclude", "keep images out of training; nothing is deleted"))
    _names(_action(actions, "include", "take excluded images in again"))
    rename = _action(actions, "rename", "give an image, its caption and its history a new name")
    rename.add_argument("old", metavar="OLD", help="image, relative to DIR")
    rename.add_argument("new", metavar="NEW", help="its new name, with or without suffix")
    _names(
        _action(
            actions,
            "remove",
            "move pairs into .bespoke/trash, not the system's bin; restore brings them back",
        )
    )
    _names(_action(actions, "restore", "bring removed pairs back"), "*")


def run(args: argparse.Namespace) -> Result:
    """Do the action."""
    return ACTIONS[args.action](args)


def _action(actions: Any, name: str, text: str) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=text)
    parser.add_argument("folder", type=Path, metavar="DIR", help=FOLDER)
    return parser


def _names(parser: argparse.ArgumentParser, number: str = "+") -> None:
    parser.add_argument("names", nargs=number, metavar="NAME", help="image, relative to DIR")


def _add(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.pairs.add import add
    from bespoke_gui.core.pairs.target import open_pairs

    report = add(open_pairs(args.folder), args.paths, args.into, args.duplicates, progress)
    data = {
        "images": {name: str(source) for name, source in report.images.items()},
        "captions": report.captions,
        "renamed": report.renamed,
        "duplicates": report.duplicates,
        "problems": as_dicts(report.problems),
    }
    text = [
        f"{source} is left out: the same as {twin}" for source, twin in report.duplicates.items()
    ]
    text += [f"{old} is called {new} here" for new, old in report.renamed.items()]
    counts = f"{counted(len(report.images), 'image')}, {counted(report.captions, 'caption')}"
    failed = any(problem.severity == "error" for problem in report.problems)
    text += [*lines(report.problems), f"added {counts}"]
    return Result(data, "\n".join(text), int(failed))


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


def _rename(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.pairs.rename import rename
    from bespoke_gui.core.pairs.target import open_pairs

    renamed = rename(open_pairs(args.folder), args.old, args.new)
    data = {
        "old": renamed.old,
        "new": renamed.new,
        "files": [{"old": old, "new": new} for old, new in renamed.files],
    }
    text = f"{renamed.old} is {renamed.new} now ({counted(len(renamed.files), 'file')})"
    return Result(data, text)


def _remove(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.pairs.bin import remove
    from bespoke_gui.core.pairs.target import open_pairs

    removed = remove(open_pairs(args.folder), args.names)
    data = {
        "removed": removed.names,
        "files": [{"was": str(was), "now": str(now)} for was, now in removed.files],
        "trash": str(removed.folder),
    }
    what = counted(len(removed.names), "image")
    return Result(data, f"moved {what} to {removed.folder}; `bespoke images restore` undoes it")


def _restore(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.errors import AppError
    from bespoke_gui.core.pairs.bin import bring_back, removed_before
    from bespoke_gui.core.pairs.target import open_pairs

    pairs = open_pairs(args.folder)
    kept = removed_before(pairs.home)
    wanted = set(args.names)
    chosen = [one for one in kept if wanted & set(one.names)] if wanted else kept[:1]
    if not chosen or wanted - {name for one in chosen for name in one.names}:
        names = ", ".join(name for one in kept for name in one.names) or "nothing"
        hint = f"it holds: {names}"
        raise AppError("the trash holds no such image", file=pairs.home, hint=hint, kind="usage")
    for one in chosen:
        bring_back(pairs, one)
    restored = [name for one in chosen for name in one.names]
    return Result({"restored": restored}, f"brought {counted(len(restored), 'image')} back")


def _state(items: dict[str, Any], changed: list[str], done: str) -> Result:
    """Tell what changed, and everything that is excluded now."""
    out = [name for name, item in items.items() if item.excluded]
    data = {"changed": changed, "excluded": out, "images": len(items) - len(out)}
    text = f"{done} {counted(len(changed), 'image')}; {len(items) - len(out)} are used"
    return Result(data, f"{text}, {len(out)} excluded")


ACTIONS: dict[str, Callable[[argparse.Namespace], Result]] = {
    "add": _add,
    "exclude": _exclude,
    "include": _include,
    "rename": _rename,
    "remove": _remove,
    "restore": _restore,
}
