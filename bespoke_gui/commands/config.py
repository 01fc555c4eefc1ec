"""Command config: check, compare, edit, keep and export training configs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bespoke_gui.commands.output import Result

HELP = "check, compare, edit and export training configs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one sub-command for each thing to do."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _check_arguments(_action(actions, "check", "what would the trainer do with it?"))
    _diff_arguments(_action(actions, "diff", "what differs, as the trainer reads it"))
    _fix_arguments(_action(actions, "fix", "mend what the doctor can; comments and order stay"))
    words = actions.add_parser("options", help="what the trainer's options do, found by words")
    words.add_argument("words", nargs="*", metavar="WORD", help="all of them must be there")
    _action(actions, "history", "the texts it had, newest first")
    restored = _action(actions, "restore", "bring an earlier text back; today's is kept")
    restored.add_argument("version", type=int, metavar="N", help="1 is the newest, see history")
    _set_arguments(_action(actions, "set", "change values; comments and order stay"))
    actions.add_parser("presets", help="configs to begin with")
    new = actions.add_parser("new", help="write a preset to a new file")
    new.add_argument("preset", help="its name, see `config presets`")
    new.add_argument("config", type=Path, metavar="TOML", help="the new file")
    new.add_argument("--name", default="", help="output_name: what the checkpoints are called")
    _export_arguments(_action(actions, "export", "for another trainer"))


def run(args: argparse.Namespace) -> Result:
    """Do what was asked; each action is in a file of its own, imported when it is used."""
    if args.action == "check":
        from bespoke_gui.commands._config_check import check

        return check(args)
    if args.action in ("fix", "options"):
        from bespoke_gui.commands import _config_fix as mend

        return {"fix": mend.fix, "options": mend.options}[args.action](args)
    if args.action == "export":
        from bespoke_gui.commands._config_export import export

        return export(args)
    if args.action in ("diff", "history", "restore"):
        from bespoke_gui.commands import _config_past as past

        return {"diff": past.diff, "history": past.history, "restore": past.restore}[args.action](
            args
        )
    from bespoke_gui.commands import _config_edit as edit

    return {"set": edit.change, "presets": edit.presets, "new": edit.new}[args.action](args)


def add_cost(parser: argparse.ArgumentParser) -> None:
    """Add what a forecast of time and cost may be told."""
    parser.add_argument("--gpu", default="", metavar="NAME", help="card, e.g. A100 (this machine)")
    parser.add_argument("--usd-per-hour", type=float, metavar="USD", help="its price")
    add_engine(parser)


def add_engine(parser: argparse.ArgumentParser) -> None:
    """Add which engine trains: Bespoke's own, or sd-scripts."""
    engines = ("lora", "kohya")
    parser.add_argument("--engine", choices=engines, default="lora", help="what trains (lora)")


def _action(actions: Any, name: str, text: str) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=text)
    parser.add_argument("config", type=Path, metavar="TOML")
    return parser


def _check_arguments(check: argparse.ArgumentParser) -> None:
    check.add_argument("--dataset", type=Path, metavar="DIR", help="images it will be trained on")
    check.add_argument("--images", type=int, metavar="N", help="number of images x repeats")
    add_cost(check)


def _fix_arguments(fix: argparse.ArgumentParser) -> None:
    fix.add_argument("--only", action="append", default=[], metavar="KEY", help="this option")
    fix.add_argument("--dry-run", action="store_true", help="say what would be done")
    fix.add_argument("--dataset", type=Path, metavar="DIR", help="images it will be trained on")


def _diff_arguments(diff: argparse.ArgumentParser) -> None:
    diff.add_argument("other", type=Path, nargs="?", metavar="OTHER", help="the other config")
    diff.add_argument("--version", type=int, metavar="N", help="an earlier text of TOML instead")


def _set_arguments(change: argparse.ArgumentParser) -> None:
    change.add_argument("values", nargs="*", metavar="KEY=VALUE")
    change.add_argument("--unset", action="append", default=[], metavar="KEY", help="take out")


def _export_arguments(export: argparse.ArgumentParser) -> None:
    export.add_argument("--to", required=True, metavar="TRAINER", help="onetrainer or aitoolkit")
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help="the file to write")
    export.add_argument("--dataset", type=Path, metavar="DIR", help="images it will be trained on")
