"""`bespoke runs log`: what the trainer of a run printed: its end, or every line with some words."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands.output import Result, progress
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.raw_log import Hits

LINES, MOST = 50, 200
KB = 1024


def add_arguments(actions: argparse._SubParsersAction) -> None:
    """Declare the action."""
    log = actions.add_parser("log", help="the trainer's own text: its end, or lines with words")
    log.add_argument("run", metavar="RUN", help="a run's folder, or its id")
    log.add_argument("--project", type=Path, default=Path(), metavar="DIR")
    log.add_argument("--search", metavar="TEXT", help="lines with it, small and capital alike")
    log.add_argument("--lines", type=int, default=LINES, metavar="N", help="how many of the end")
    log.add_argument(
        "--most", type=int, default=MOST, metavar="N", help="print at most so many lines found"
    )
    log.add_argument("--skip", type=int, default=0, metavar="N", help="leave out the first found")
    log.add_argument("--events", action="store_true", help="in events.jsonl instead")


def run(args: argparse.Namespace) -> Result:
    """Read or search the log; a run that has printed nothing has an empty one."""
    from bespoke_gui.commands._runs_find import find_run
    from bespoke_gui.core.raw_log import last_lines
    from bespoke_gui.core.rundir import RunDir

    if min(args.lines, args.most, args.skip) < 0:
        raise AppError("a number of lines is 0 or more", kind="usage")
    run_dir = RunDir(find_run(args.run, args.project).folder)
    path = run_dir.events_path if args.events else run_dir.log_path
    size = path.stat().st_size if path.is_file() else 0
    data: dict[str, Any] = {"run": run_dir.run, "file": str(path), "bytes": size}
    if args.search:
        return _found(args, path, data)
    lines = last_lines(path, args.lines)
    return Result({**data, "lines": lines}, "\n".join(lines))


def _found(args: argparse.Namespace, path: Path, data: dict[str, Any]) -> Result:
    from bespoke_gui.core.raw_log import excerpt, find_in_log

    def told(done: int, total: int) -> None:
        progress(done // KB, total // KB, "KB searched")

    hits: Hits = find_in_log(path, args.search, None, told)
    shown = range(min(args.skip, len(hits)), min(len(hits), args.skip + args.most))
    found = [
        {"line": hits.lines[at], "offset": hits.offsets[at],
         "text": excerpt(path, hits.offsets[at])}
        for at in shown
    ]  # fmt: skip
    lines = [f"{one['line']}: {one['text']}" for one in found]
    left = len(hits) - args.skip - len(found)
    if left > 0:
        lines.append(f"{left:,} more; --skip {args.skip + len(found)} goes on")
    counted = {"search": args.search, "count": len(hits), "complete": not hits.full, "hits": found}
    return Result({**data, **counted}, "\n".join(lines) or "not found")
