"""`bespoke captions snapshot, snapshots, restore`: named states of all captions."""

from __future__ import annotations

import argparse
from datetime import datetime

from bespoke_gui.commands._captions_text import counted, say_problems
from bespoke_gui.commands.output import Result
from bespoke_gui.core.caption_set import open_captions
from bespoke_gui.core.history import Snapshot


def keep(args: argparse.Namespace) -> Result:
    """Keep the state of all captions."""
    found = open_captions(args.folder)
    name = args.name or datetime.now().strftime("%Y-%m-%d %H:%M:%S")
    with found.history() as history:
        made = history.snapshot(name, found.texts, args.note)
        problems = history.problems + found.problems
    say_problems(problems)
    data = {
        "snapshot": made.name,
        "captions": made.count,
        "problems": [problem.as_dict() for problem in problems],
    }
    return Result(data, f"kept {counted(made.count, 'caption')} as {made.name!r}")


def show(args: argparse.Namespace) -> Result:
    """List all snapshots, the newest first, after changing one where that was asked for."""
    found = open_captions(args.folder)
    with found.history() as history:
        if args.rename:
            history.rename(*args.rename)
        if args.note:
            history.annotate(*args.note)
        if args.delete:
            history.delete(args.delete)
        kept = history.snapshots()
        problems = history.problems
    say_problems(problems)
    data = {
        "snapshot": kept[0].name if kept else "",
        "snapshots": [snapshot.as_dict() for snapshot in kept],
        "captions": len(found.captions),
        "problems": [problem.as_dict() for problem in problems],
    }
    return Result(data, "\n".join(map(_line, kept)) or "no snapshots yet")


def bring(args: argparse.Namespace) -> Result:
    """Bring a snapshot back; only captions that differ are written."""
    found = open_captions(args.folder)
    with found.history() as history:
        report = found.restore(history, args.name)
        problems = history.problems + report.problems
    say_problems(problems)
    data = {
        "snapshot": report.snapshot,
        "restored": args.name,
        "captions": len(report.written),
        "written": sorted(report.written),
        "unchanged": len(report.unchanged),
        "problems": [problem.as_dict() for problem in problems],
    }
    text = f"restored {counted(len(report.written), 'caption')}"
    text += f", {len(report.unchanged)} were as in it"
    if report.snapshot:
        text += f"; the state before is {report.snapshot!r}"
    return Result(data, text, 1 if report.problems else 0)


def _line(snapshot: Snapshot) -> str:
    kind = " (automatic)" if snapshot.automatic else ""
    note = f"  {snapshot.note}" if snapshot.note else ""
    captions = counted(snapshot.count, "caption")
    return f"{snapshot.created[:19].replace('T', ' ')} UTC  {snapshot.name}{kind}  {captions}{note}"
