"""`bespoke captions export, import`: captions to and from other formats."""

from __future__ import annotations

import argparse
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands._captions_text import counted, marked, say_problems
from bespoke_gui.commands.output import Result

if TYPE_CHECKING:
    from bespoke_gui.core.bulk import BulkReport
    from bespoke_gui.core.exchange.preview import Change, Preview

FORMAT_NAMES = ("jsonl", "csv", "txt", "caption", "kohya", "meta")
FORMATS_HELP = (
    "jsonl and csv (file_name, text), txt and caption (folders), kohya (<N>_<name>), "
    "meta (sd-scripts' metadata.json)"
)


def add_arguments(actions: Any, folder: str) -> None:
    """Declare both actions."""
    out = actions.add_parser("export", help="write all captions in another format")
    out.add_argument("folder", type=Path, metavar="DIR", help=folder)
    out.add_argument("--to", required=True, choices=FORMAT_NAMES, help=FORMATS_HELP)
    out.add_argument("--out", required=True, type=Path, metavar="PATH", help="new file or folder")
    out.add_argument("--images", action="store_true", help="copy the images too")
    out.add_argument(
        "--update", action="store_true", help="PATH is a table whose further columns stay"
    )
    read = actions.add_parser("import", help="take captions over; a snapshot is kept first")
    read.add_argument("folder", type=Path, metavar="DIR", help=folder)
    read.add_argument("source", type=Path, metavar="FROM", help="file or folder with captions")
    read.add_argument("--format", default="", choices=("", *FORMAT_NAMES), help=FORMATS_HELP)
    read.add_argument("--dry-run", action="store_true", help="show, write nothing")
    read.add_argument("--only", metavar="GLOB", help="only captions with such a name")
    read.add_argument("--skip-lossy", action="store_true", help="leave captions that lose words")


def write(args: argparse.Namespace) -> Result:
    """Export."""
    from bespoke_gui.core.exchange.export import export_captions

    done = export_captions(args.folder, args.to, args.out, args.images, args.update)
    say_problems(done.problems)
    data = {
        "path": str(done.path),
        "format": args.to,
        "captions": done.captions,
        "images": done.images,
        "missing": done.missing,
        "excluded": done.excluded,
        "problems": [problem.as_dict() for problem in done.problems],
    }
    text = f"{done.path}: {counted(done.captions, 'caption')}"
    text += f", {counted(done.images, 'image')}" if args.images else ""
    text += f"; {counted(len(done.missing), 'image')} without a caption" if done.missing else ""
    text += f"; {len(done.excluded)} excluded and left out" if done.excluded else ""
    return Result(data, text, 1 if done.problems else 0)


def read(args: argparse.Namespace) -> Result:
    """Compare, then write what is wanted."""
    from bespoke_gui.core.bulk import BulkReport
    from bespoke_gui.core.exchange.apply import write_import
    from bespoke_gui.core.exchange.entries import working_set
    from bespoke_gui.core.exchange.preview import preview
    from bespoke_gui.core.history import History

    found = working_set(args.folder)
    shown = preview(found, args.source, args.format)
    wanted = [name for name, change in shown.changes.items() if _wanted(args, name, change)]
    report = BulkReport()
    problems = list(shown.problems)
    if not args.dry_run:
        with History(found.pairs.home) as history:
            report = write_import(found, shown, history, wanted)
            problems += history.problems + report.problems
    say_problems(problems)
    data = {
        "format": shown.format,
        "files": {
            name: {**change.as_dict(), "written": name in report.written}
            for name, change in shown.changes.items()
        },
        "summary": {
            **shown.summary,
            "written": len(report.written),
            "skipped": len(shown.changes) - len(wanted),
            "snapshot": report.snapshot,
        },
        "problems": [problem.as_dict() for problem in problems],
    }
    failed = any(problem.severity == "error" for problem in problems)
    return Result(data, _text(shown, report, args.dry_run), int(failed))


def _wanted(args: argparse.Namespace, name: str, change: Change) -> bool:
    if args.skip_lossy and change.lossy:
        return False
    only = args.only
    return only is None or fnmatchcase(name, only) or fnmatchcase(PurePosixPath(name).stem, only)


def _text(shown: Preview, report: BulkReport, dry_run: bool) -> str:
    lines = []
    for name, change in shown.changes.items():
        lossy = " LOSSY" if change.lossy else ""
        lines += [f"{name}: {change.diff.status}{lossy}", f"  {marked(change.diff.ops)}"]
        lines += [f"  lost: {', '.join(change.diff.lost)}"] if change.diff.lost else []
    counts = shown.summary
    lines.append(
        f"{shown.source} ({shown.format}): {counts['added']} new, {counts['changed']} changed, "
        f"{counts['unchanged']} the same; {counts['lossy']} lose words"
    )
    if not dry_run:
        kept = f"; the state before is {report.snapshot!r}" if report.snapshot else ""
        lines.append(f"{len(report.written)} written{kept}")
    return "\n".join(lines)
