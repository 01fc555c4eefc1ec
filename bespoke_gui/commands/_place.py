"""Where a training runs: the words of the command line, and a run spec's `place` from them."""

from __future__ import annotations

import argparse
from typing import Any

from bespoke_gui.core.errors import AppError


def add_place(parser: argparse.ArgumentParser) -> None:
    """Declare backend, machine, cards and caps."""
    parser.add_argument("--backend", default="local", metavar="NAME", help="local, ssh or runpod")
    parser.add_argument("--machine", default="", metavar="NAME", help="saved, or ssh://user@host")
    parser.add_argument("--gpu", default="", metavar="NAME[,NAME...]", help="cards, best first")
    parser.add_argument("--max-usd", type=float, metavar="USD", help="runpod: what a run may cost")
    parser.add_argument("--max-hours", type=float, metavar="H", help="runpod: how long it may take")
    parser.add_argument("--cloud", default="", choices=("", "secure", "community"))
    parser.add_argument("--volume", default="", metavar="ID", help="runpod: network volume")
    parser.add_argument("--keep-pod", action="store_true", help="runpod: only stop it at the end")


def place_of(args: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """Return the backend and what is asked of it; raises AppError kind "usage"."""
    from bespoke_gui.launch.base import BACKENDS

    backend = "ssh" if args.machine and args.backend == "local" else args.backend
    name = BACKENDS[backend].name
    if name == "ssh":
        return name, {"machine": _machine(args.machine)}
    return name, _rented(args) if name == "runpod" else {}


def _machine(text: str) -> dict[str, Any]:
    from bespoke_gui.core.machines import machine_from

    if not text:
        raise AppError("no machine is named", hint="--machine NAME", kind="usage")
    return machine_from(text).as_dict()


def _rented(args: argparse.Namespace) -> dict[str, Any]:
    cards = [name.strip() for name in args.gpu.split(",") if name.strip()]
    if not cards:
        raise AppError("no card is named", hint='--gpu "A100,4090"', kind="usage")
    asked = {
        "gpus": cards, "max_usd": args.max_usd, "max_hours": args.max_hours, "cloud": args.cloud,
        "volume": args.volume, "keep_pod": args.keep_pod,
    }  # fmt: skip
    return {name: value for name, value in asked.items() if value not in (None, "", False)}
