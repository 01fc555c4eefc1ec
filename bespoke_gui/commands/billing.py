"""`bespoke billing`: every rented machine that costs money now, and how to end it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bespoke_gui.commands.output import Result, say

if TYPE_CHECKING:
    from bespoke_gui.launch.runpod.billing import Bills

HELP = "rented machines that cost money now; end them with --stop"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--stop", default="", metavar="POD", help="end one: pod, its name or run")
    which.add_argument("--all", action="store_true", help="end all of them")
    parser.add_argument(
        "--discard", action="store_true", help="even with files that are not on this computer yet"
    )


def run(args: argparse.Namespace) -> Result:
    """List, or end and then list. Code 1 when RunPod could not be asked, or one did not end."""
    from bespoke_gui.core.errors import AppError
    from bespoke_gui.launch.runpod import billing

    names = [args.stop] if args.stop else []
    if args.all:
        names = [bill.id or bill.name for bill in billing.still_billing().bills]
    ended, failed = [], []
    for name in names:
        try:
            ended.append(billing.end(name, args.discard, say).as_dict())
        except AppError as error:
            if not args.all:
                raise
            failed.append(str(error))
            say(f"bespoke: {error}")
    found = billing.still_billing()
    data = {
        "runs": [bill.as_dict() for bill in found.bills], "problem": found.problem,
        "usd_per_hour": round(found.usd_per_hour, 4), "ended": ended, "failed": failed,
    }  # fmt: skip
    return Result(data, _text(found), 1 if found.problem or failed else 0)


def _text(found: Bills) -> str:
    lines = [bill.words for bill in found.bills]
    if found.problem:
        lines.append(found.problem)
    if not found.bills:
        return "\n".join(lines) or "nothing costs money now"
    lines.append(f"together ${found.usd_per_hour:.2f} an hour; end one with --stop POD")
    return "\n".join(lines)
