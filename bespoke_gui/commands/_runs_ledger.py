"""`bespoke runs ledger | changes | expect`: every run beside what was expected of it."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bespoke_gui.commands._runs_find import find_run
from bespoke_gui.commands.output import Result
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.ledger.changes import Parts, RunChanges
    from bespoke_gui.core.ledger.entries import Entry
    from bespoke_gui.core.project import Project

ACTIONS = ("ledger", "changes", "expect")


def add_arguments(actions: argparse._SubParsersAction) -> None:
    """Declare the three actions."""
    listing = actions.add_parser("ledger", help="every run: inputs, cost, expected beside found")
    listing.add_argument("folder", type=Path, nargs="?", default=Path(), metavar="PROJECT")
    two = actions.add_parser("changes", help="what changed between two runs")
    two.add_argument("before", metavar="RUN")
    two.add_argument("after", metavar="RUN")
    two.add_argument("--project", type=Path, default=Path(), metavar="DIR")
    wish = actions.add_parser("expect", help="write down what you expect of the next run")
    wish.add_argument("text", help='like "pixel defects 60%% -> 30%%, confidence 90%%"')
    wish.add_argument("--remove", action="store_true", help="take back what was written so")
    wish.add_argument("--run", metavar="RUN", help="of a run that has begun; called late")
    wish.add_argument("--project", type=Path, default=Path(), metavar="DIR")


def run(args: argparse.Namespace) -> Result:
    """Do one of the actions."""
    return {"ledger": _ledger, "changes": _changes, "expect": _expect}[args.action](args)


def _project(folder: Path) -> Project:
    from bespoke_gui.core.project import find_project

    project = find_project(folder)
    if project is None:
        raise AppError("is no project", file=folder, hint="name the project's folder")
    return project


def _ledger(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.ledger.changes import run_changes
    from bespoke_gui.core.ledger.entries import ledger
    from bespoke_gui.core.ledger.expected import read_expected

    project = _project(args.folder)
    entries = ledger(project)
    pairs = zip(entries[1:], entries, strict=False)
    steps = [run_changes(Path(old.folder), Path(new.folder)) for old, new in pairs]
    waiting = [asdict(one) for one in read_expected(project.folder)]
    data = {
        "runs": [entry.as_dict() for entry in entries],
        "changes": [step.as_dict() for step in steps], "expected_of_next": waiting,
    }  # fmt: skip
    lines: list[str] = []
    for number, entry in enumerate(entries):
        lines += _entry_lines(entry)
        if number < len(steps):
            lines += ["  " + line for line in _change_lines(steps[number])]
    return Result(data, "\n".join(lines) or "no runs")


def _entry_lines(entry: Entry) -> list[str]:
    from bespoke_gui.core.ledger.entries import lowest_held_out

    inputs = "inputs not recorded"
    if entry.images is not None:
        inputs = f"{entry.images} images {entry.image_print}, {entry.captions} captions"
        inputs += f" {entry.caption_print}"
        inputs += f" (snapshot {entry.snapshot})" if entry.snapshot else ""
    cost = "cost unknown" if entry.usd is None else f"${entry.usd:.2f}"
    time = "" if entry.seconds is None else f", {entry.seconds / 60:.1f} min"
    lines = [f"{entry.run}  {entry.state}, {entry.epochs} epochs{time}, {cost}; {inputs}"]
    lowest = lowest_held_out(entry)
    if lowest:
        lines.append(f"  held-out loss: lowest at epoch {lowest[0]}, {lowest[1]:.4f}")
    for gallery in entry.galleries:
        decided = (
            "nothing decided" if gallery.decided is None else f"epoch {gallery.decided} chosen"
        )
        lines.append(f"  gallery {gallery.name}: {decided}")
        lines += [f"    {line}" for line in gallery.lines]
    for one in entry.expected:
        late = " (written after the run began)" if one.expected.late else ""
        found = "not found yet" if one.found is None else f"found {one.found:g} ({one.basis})"
        met = {None: "", True: ": met", False: ": not met"}[one.met]
        lines.append(f"  expected {one.expected.text}{late}; {found}{met}")
    return lines


def _changes(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.ledger.changes import run_changes

    folders = [find_run(name, args.project).folder for name in (args.before, args.after)]
    found = run_changes(*folders)
    return Result(found.as_dict(), "\n".join(_change_lines(found)))


def _change_lines(found: RunChanges) -> list[str]:
    lines = [f"from {found.before} to {found.after}:"]
    lines += [_parts(name, parts) for name, parts in (("captions", found.captions),
                                                      ("images", found.images))]  # fmt: skip
    lines += [f"{key}: {old} -> {new}" for key, old, new in [*found.config, *found.other]]
    if found.warning:
        lines.append(f"warning: {found.warning}")
    return lines


def _parts(name: str, parts: Parts | None) -> str:
    if parts is None:
        return f"{name}: not recorded"
    if not parts.count:
        return f"{name}: the same"
    counts = (("changed", parts.changed), ("added", parts.added), ("removed", parts.removed))
    return f"{name}: " + ", ".join(f"{len(names)} {word}" for word, names in counts if names)


def _expect(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.ledger.expected import parse, read_expected, write_expected

    one = parse(args.text)
    if args.run:
        folder = find_run(args.run, args.project).folder
        one = replace(one, late=True)
    else:
        folder = _project(args.project).folder
    whose, there = f"run {args.run}" if args.run else "the next run", read_expected(folder)
    if args.remove:
        left = [other for other in there if (other.name, other.after) != (one.name, one.after)]
        if len(left) == len(there):
            hint = "bespoke runs ledger shows what is"
            raise AppError(f"nothing like that is expected of {whose}", hint=hint, kind="usage")
        write_expected(folder, left)
        return Result({"removed": asdict(one), "of": args.run or "next"}, f"took back: {one.text}")
    write_expected(folder, [*there, one])
    return Result(
        {"expected": asdict(one), "of": args.run or "next"}, f"expected of {whose}: {one.text}"
    )
