"""`bespoke machines clean`: what lies on a machine of earlier runs, and removing what is old."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands.output import Result, say

if TYPE_CHECKING:
    from bespoke_gui.core.machines import Machine
    from bespoke_gui.launch.remote.tidy import Lying, Removed

KINDS = ("code", "env", "models", "tools", "runs")
DAYS = 14.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is to go."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    what.add_argument("--yes", action="store_true", help="remove it")
    parser.add_argument(
        "--only", default="", type=_kinds, metavar="KIND,...", help=f"of {', '.join(KINDS)}"
    )
    parser.add_argument(
        "--older-than", type=float, default=DAYS, metavar="DAYS", help="not used since then (14)"
    )
    parser.add_argument(
        "--all", action="store_true",
        help="also what the next run would need again, and of any age",
    )  # fmt: skip
    parser.add_argument(
        "--project", type=Path, metavar="DIR", help="where runs are, if it was not opened lately"
    )


def _kinds(text: str) -> list[str]:
    kinds = [word.strip() for word in text.split(",") if word.strip()]
    if unknown := [word for word in kinds if word not in KINDS]:
        raise argparse.ArgumentTypeError(f"{unknown[0]} is none of {', '.join(KINDS)}")
    return kinds


def clean(machine: Machine, args: argparse.Namespace) -> Result:
    """List what lies there; with --yes remove what was chosen."""
    from bespoke_gui.launch.remote.tidy import Removed, look_there, old_ones, remove_there

    runs = [args.project.expanduser().absolute() / "runs"] if args.project else []
    say(f"connecting to {machine.address}")
    found = look_there(machine, runs)
    able = [one for one in found if not one.kept]
    chosen = able if args.all else old_ones(found, args.older_than)
    chosen = [one for one in chosen if not args.only or one.kind in args.only]
    removed = Removed((), 0, {})
    if args.yes and chosen:
        removed = remove_there(machine, chosen, runs)
    data = {
        "machine": machine.as_dict(), "entries": [_entry(one, chosen) for one in found],
        "removed": list(removed.keys), "bytes": sum(one.bytes for one in found),
        "bytes_chosen": sum(one.bytes for one in chosen), "bytes_removed": removed.bytes,
        "kept": removed.kept,
    }  # fmt: skip
    asks = bool(chosen) and not (args.yes or args.dry_run)
    code = 2 if asks else int(bool(removed.kept))
    return Result(data, _text(found, chosen, removed, asks, args.yes), code)


def _entry(one: Lying, chosen: list[Lying]) -> dict[str, Any]:
    return {**one.as_dict(), "key": one.key, "chosen": one in chosen}


def _text(
    found: list[Lying], chosen: list[Lying], removed: Removed, asks: bool, done: bool
) -> str:  # fmt: skip
    lines = [_line(one, one in chosen) for one in found] or ["nothing of ours lies there"]
    lines += [f"{key} stayed there: {why}" for key, why in removed.kept.items()]
    size = _size(removed.bytes if done else sum(one.bytes for one in chosen))
    if done:
        lines.append(f"{len(removed.keys)} removed, {size}")
    elif found:
        lines.append(f"{len(chosen)} of {len(found)} can go (*), {size}")
    if asks:
        lines.append("nothing was removed: --yes removes them")
    return "\n".join(lines)


def _line(one: Lying, chosen: bool) -> str:
    why = one.kept or ("for the next run" if one.current else "")
    days = int(one.age_s // 86400)
    used = f", used {days} day{'' if days == 1 else 's'} ago" if days else ", used today"
    return f"{'*' if chosen else ' '} {one.key}  {_size(one.bytes)}{used}{why and f' ({why})'}"


def _size(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"
