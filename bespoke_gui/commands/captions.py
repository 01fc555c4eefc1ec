"""Command `captions`: lint, diff, rules, snapshots, export and import of all captions."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path
from typing import Any

from bespoke_gui.commands._captions_exchange import add_arguments as add_exchange
from bespoke_gui.commands._captions_revert import add_arguments as add_revert
from bespoke_gui.commands._captions_where import add_where
from bespoke_gui.commands.output import Result

HELP = "lint, diff, rules, snapshots, revert, suggestions, export and import of captions"
FOLDER = "project, dataset folder, or folder of caption files"
FILES = {
    "lint": ("lint", "lint"), "ignore": ("left_alone", "change"), "heed": ("left_alone", "change"),
    "list": ("list", "show"), "read": ("read", "read"), "diff": ("diff", "diff"),
    "apply": ("apply", "apply"), "revert": ("revert", "revert"), "history": ("revert", "history"),
    "export": ("exchange", "write"), "import": ("exchange", "read"),
    "suggest": ("suggest", "suggest"), "snapshot": ("snapshots", "keep"),
    "snapshots": ("snapshots", "show"), "restore": ("snapshots", "bring"),
}  # fmt: skip
"""The file and the function that does what an action asks for."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one sub-command for each thing to do."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _lint_arguments(_folder_action(actions, "lint", "find what is wrong in captions"))
    ignore = _folder_action(actions, "ignore", "list what the linter leaves alone, or add to it")
    heed = _folder_action(actions, "heed", "have the linter look again at what it leaves alone")
    _left_alone_arguments(ignore)
    _left_alone_arguments(heed)
    heed.add_argument("--all", action="store_true", help="all that is left alone")
    add_where(_folder_action(actions, "list", "captions by name, and those a query asks for"))
    _read_arguments(_folder_action(actions, "read", "what the trainer reads: tokens and samples"))
    _diff_arguments(actions.add_parser("diff", help="word diff of two folders or snapshots"))
    _apply_arguments(actions.add_parser("apply", help="run a rule set; a snapshot is kept first"))
    snapshot = _folder_action(actions, "snapshot", "keep the state of all captions under a name")
    snapshot.add_argument("name", nargs="?", default="", help="its name (the time, if not given)")
    snapshot.add_argument("--note", default="", help="a few words to remember it by")
    _snapshots_arguments(_folder_action(actions, "snapshots", "list what was kept, or change it"))
    restored = _folder_action(actions, "restore", "bring a snapshot back; today's is kept first")
    restored.add_argument("name", help="name of the snapshot")
    add_revert(actions, FOLDER)
    add_exchange(actions, FOLDER)
    _suggest_arguments(_folder_action(actions, "suggest", "texts proposed by a model; a preview"))


def run(args: argparse.Namespace) -> Result:
    """Do what was asked; each action is in a file of its own, imported when it is used."""
    file, function = FILES[args.action]
    module = importlib.import_module(f"bespoke_gui.commands._captions_{file}")
    return getattr(module, function)(args)


def _folder_action(actions: Any, name: str, text: str) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=text)
    parser.add_argument("folder", type=Path, metavar="DIR", help=FOLDER)
    return parser


def _suggest_arguments(suggest: argparse.ArgumentParser) -> None:
    from bespoke_gui.commands._captions_suggest_arguments import add_arguments

    add_arguments(suggest)


def _lint_arguments(lint: argparse.ArgumentParser) -> None:
    lint.add_argument("--code", action="append", metavar="CODE", help="this check only")
    lint.add_argument(
        "--fix",
        action="append",
        metavar="CODE",
        help="make this check's safe fixes; snapshot first",
    )
    lint.add_argument("--dry-run", action="store_true", help="show the fixes, write nothing")
    add_where(lint)
    lint.add_argument("--images", type=Path, metavar="DIR", help="where their images are")


def _left_alone_arguments(action: argparse.ArgumentParser) -> None:
    def add(option: str, text: str, metavar: str | tuple[str, str], **more: Any) -> None:
        action.add_argument(option, action="append", default=[], metavar=metavar, help=text, **more)

    add("--check", "a whole check", "CODE")
    add("--words", "words that a check is about", ("CODE", "WORDS"), nargs=2)
    action.add_argument("--caption", default="", metavar="NAME", help="--words in this one only")
    add("--dictionary", "a word that is spelled right", "WORD")


def _read_arguments(read: argparse.ArgumentParser) -> None:
    newest = "training config (the project's newest, if not given)"
    read.add_argument("--config", type=Path, metavar="TOML", help=newest)
    read.add_argument("--only", metavar="GLOB", help="only captions with such a name")
    read.add_argument("--samples", type=int, default=3, metavar="N", help="draws of each (3)")
    read.add_argument("--seed", type=int, default=0, metavar="N", help="for other draws")


def _diff_arguments(diff: argparse.ArgumentParser) -> None:
    side = f"{FOLDER}, name of a snapshot, or `now`"
    diff.add_argument("before", help=side)
    diff.add_argument("after", help=side)
    diff.add_argument("--project", type=Path, metavar="DIR", help="whose snapshots are meant")
    diff.add_argument("--lossy", action="store_true", help="only captions that lost words")
    diff.add_argument("--changes", action="store_true", help="print each distinct change once")
    diff.add_argument(
        "--synonym",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="OLD is not lost where NEW was gained",
    )


def _snapshots_arguments(snapshots: argparse.ArgumentParser) -> None:
    what = snapshots.add_mutually_exclusive_group()
    what.add_argument("--rename", nargs=2, metavar=("OLD", "NEW"), help="give one another name")
    what.add_argument("--note", nargs=2, metavar=("NAME", "TEXT"), help="give one a note")
    what.add_argument("--delete", metavar="NAME", help="remove one for good; captions stay")


def _apply_arguments(apply: argparse.ArgumentParser) -> None:
    apply.add_argument("rules", help="rule set (TOML), or the name of one that is shipped")
    apply.add_argument("folder", type=Path, metavar="DIR", help=FOLDER)
    apply.add_argument("--dry-run", action="store_true", help="show, write nothing")
    add_where(apply)
    apply.add_argument("--only", metavar="GLOB", help="only captions with such a name")
    apply.add_argument("--skip-lossy", action="store_true", help="leave captions that lose words")
