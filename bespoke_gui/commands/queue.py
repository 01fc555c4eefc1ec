"""`bespoke queue ...`: trainings in line, one at a time on each machine; sweeps."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands._place import add_place
from bespoke_gui.commands._queue_told import project_of, result
from bespoke_gui.commands.output import Result
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.queue.store import Queue

HELP = "trainings in line: list, add, sweep, move, pause, resume, remove, run"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _action(actions, "list", "what is in line, and what became of it")
    _add_arguments(_action(actions, "add", "put a training in line; its config as it is now"))
    _sweep_arguments(_action(actions, "sweep", "one config, values for some of its options"))
    move = _action(actions, "move", "another place in the line")
    move.add_argument("entry", type=int, metavar="ENTRY")
    move.add_argument("position", type=int, metavar="N", help="1 is the next to start")
    for name, words in (
        ("pause", "leave entries in line without starting them; none: the whole queue"),
        ("resume", "let them start; a failed one goes on with its run; none: the whole queue"),
        ("remove", "take entries out; runs and configs stay"),
    ):
        _action(actions, name, words).add_argument("entries", type=int, nargs="*", metavar="ENTRY")
    actions.choices["remove"].add_argument("--ended", action="store_true", help="all that ended")
    run = _action(actions, "run", "start what is in line until all of it has ended")
    run.add_argument("--once", action="store_true", help="start what can start now, and return")


def run(args: argparse.Namespace) -> Result:
    """Do what is asked; the larger actions lie in files of their own."""
    if args.action == "add":
        from bespoke_gui.commands._queue_add import add

        return add(args)
    if args.action == "sweep":
        from bespoke_gui.commands._queue_sweep import sweep

        return sweep(args)
    if args.action == "run":
        from bespoke_gui.commands._queue_run import run_queue

        return run_queue(args)
    return _list(args) if args.action == "list" else _edit(args)


def add_request(parser: argparse.ArgumentParser) -> None:
    """Declare what a training is made of beside its config."""
    parser.add_argument("--data", type=Path, metavar="DIR", help="images with captions")
    parser.add_argument("--base", default="", help='"embedded", a name, folder, file or hub id')
    parser.add_argument("--engine", default="", choices=("lora", "kohya", "fake"))
    parser.add_argument("--sd-scripts", type=Path, metavar="DIR", help="sd-scripts checkout")
    parser.add_argument("--gpus", type=int, default=1, metavar="N", help="kohya: together")
    add_place(parser)


def _action(actions: Any, name: str, words: str) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=words)
    parser.add_argument("--project", type=Path, metavar="DIR", help="the one around this folder")
    return parser


def _add_arguments(add: argparse.ArgumentParser) -> None:
    add.add_argument("configs", type=Path, nargs="+", metavar="CONFIG_OR_ZIP")
    add_request(add)


def _sweep_arguments(sweep: argparse.ArgumentParser) -> None:
    sweep.add_argument("config", type=Path, metavar="CONFIG")
    sweep.add_argument("axes", nargs="+", metavar="KEY=VALUE,VALUE", help='"512,512" is one value')
    sweep.add_argument("--paired", action="store_true", help="first with first, not every pair")
    sweep.add_argument("--dry-run", action="store_true", help="say what it takes; write nothing")
    sweep.add_argument("--usd-per-hour", type=float, metavar="USD", help="the card's price")
    add_request(sweep)


def _list(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.queue.store import QueueFile

    return result(QueueFile(project_of(args)).read())


def _edit(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.queue import edit
    from bespoke_gui.core.queue.store import QueueFile

    file = QueueFile(project_of(args))
    with file.edit() as queue:
        if args.action == "move":
            edit.move(queue, args.entry, args.position)
        elif args.action == "remove":
            _remove(queue, args)
        elif not args.entries:
            queue.paused = args.action == "pause"
        else:
            for number in args.entries:
                {"pause": edit.pause, "resume": edit.resume}[args.action](queue, number)
    return result(queue)


def _remove(queue: Queue, args: argparse.Namespace) -> None:
    from bespoke_gui.core.queue import edit

    if args.ended:
        edit.remove_ended(queue)
    elif not args.entries:
        raise AppError("name entries, or --ended", kind="usage")
    for number in args.entries:
        edit.remove(queue, number)
