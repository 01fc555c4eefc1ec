"""Where a training runs: the words of the command line, and a run spec's `place` from them."""

from __future__ import annotations

import argparse
from typing import Any

from bespoke_gui.commands._machine import (
    WORDS,
    add_key_arguments,
    chosen_machine,
    require_known,
)
from bespoke_gui.commands._rented import rented_place


def add_place(parser: argparse.ArgumentParser) -> None:
    """Declare backend, machine, cards and caps."""
    parser.add_argument(
        "--backend", default="", metavar="NAME", help="local (the default), ssh or runpod"
    )
    parser.add_argument("--machine", default="", metavar=WORDS, help="the machine to train on")
    add_key_arguments(parser)
    parser.add_argument("--gpu", default="", metavar="NAME[,NAME...]", help="cards, best first")
    parser.add_argument("--max-usd", type=float, metavar="USD", help="runpod: what a run may cost")
    parser.add_argument("--max-hours", type=float, metavar="H", help="runpod: how long it may take")
    parser.add_argument("--cloud", default="", choices=("", "secure", "community"))
    parser.add_argument("--volume", default="", metavar="ID", help="runpod: network volume")
    parser.add_argument("--keep-pod", action="store_true", help="runpod: only stop it at the end")


def backend_of(args: argparse.Namespace) -> str:
    """Return the name of the backend that was meant; raises AppError kind "usage"."""
    from bespoke_gui.launch.base import BACKENDS

    return BACKENDS[args.backend or ("ssh" if args.machine else "local")].name


def place_of(args: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """Return the backend and what is asked of it; the host key of a machine is known afterwards.

    Raises AppError kind "usage", and "auth" or "network" for a machine.
    """
    name = backend_of(args)
    if name == "ssh":
        machine = chosen_machine(args)
        require_known(machine, args.accept_host_key)
        return name, {"machine": machine.as_dict()}
    return name, rented_place(args) if name == "runpod" else {}
