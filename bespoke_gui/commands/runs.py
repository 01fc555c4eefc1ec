"""`bespoke runs ...`: lists runs, shows one, and speaks to a running one."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bespoke_gui.commands import _runs_curves, _runs_ledger, _runs_log
from bespoke_gui.commands._runs_find import find_run, runs_folder
from bespoke_gui.commands.output import Result, say
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.runs import RunInfo

HELP = "list runs, show one, its log and curves, follow, pause, save, stop or fetch it"
ACTIONS = {
    "show": "say how a run stands", "attach": "follow a run until it ends",
    "pause": "make a run wait", "continue": "end a pause", "save": "save a checkpoint now",
    "sample": "draw samples now", "stop-after-epoch": "end when the running epoch is done",
    "stop": "save and end; by force when it does not listen",
    "fetch": "wait until every finished file is here", "release": "give a rented machine back now",
}  # fmt: skip
STOP_POLL_S = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="all runs of a project, newest first")
    listing.add_argument("folder", type=Path, nargs="?", default=Path(), metavar="PROJECT")
    for more in (_runs_ledger, _runs_log, _runs_curves):
        more.add_arguments(actions)
    for name, words in ACTIONS.items():
        action = actions.add_parser(name, help=words)
        action.add_argument("run", metavar="RUN", help="a run's folder, or its id")
        action.add_argument("--project", type=Path, default=Path(), metavar="DIR")


def run(args: argparse.Namespace) -> Result:
    """Do what is asked and print the runs concerned."""
    if args.action in _runs_ledger.ACTIONS:
        return _runs_ledger.run(args)
    if args.action in ("log", "curves"):
        return {"log": _runs_log, "curves": _runs_curves}[args.action].run(args)
    if args.action == "list":
        return _list(args.folder)
    info = find_run(args.run, args.project)
    doing = {"attach": _attach, "stop": _stop, "fetch": _wait, "release": _wait}
    doing.get(args.action, _ask)(info, args.action)
    from bespoke_gui.core.runs import read_run

    return _result([read_run(info.folder)])


def _list(folder: Path) -> Result:
    from bespoke_gui.core.runs import list_runs

    return _result(list_runs(runs_folder(folder)))


def _result(found: list[RunInfo]) -> Result:
    lines = [_line(info) for info in found]
    code = 1 if len(found) == 1 and found[0].state in ("failed", "lost") else 0
    return Result({"runs": [info.as_dict() for info in found]}, "\n".join(lines) or "no runs", code)


def _line(info: RunInfo) -> str:
    step, total = info.progress.get("step", 0), info.progress.get("total", 0)
    words = f"{info.run}  {info.state}  {step}/{total} steps  {len(info.checkpoints)} checkpoints"
    away, why = elsewhere_words(info), (info.failure or {}).get("message", "")
    return "  ".join(filter(None, (words, away, why)))


def elsewhere_words(info: RunInfo) -> str:
    """Where a run elsewhere is, how its link stands, and what is not here yet; "" for one here."""
    found = info.elsewhere
    if not found:
        return ""
    machine = found.get("machine") or {}
    words = f"on {machine.get('name') or info.backend}"
    trouble = found.get("courier_trouble") or found.get("local_trouble")
    if info.state == "running" and trouble:
        words += f" ({trouble})"
    elif info.state == "running" and found.get("link") in ("lost", "reconnecting"):
        words += " (no connection, trying again)"
    missing = len(found.get("missing") or [])
    return words + (f", {missing} files not here yet" if missing else "")


def _attach(info: RunInfo, _action: str) -> None:
    from bespoke_gui.commands._runs_follow import follow
    from bespoke_gui.core.rundir import RunDir
    from bespoke_gui.launch.base import BACKENDS

    backend = BACKENDS[info.backend or "local"]
    backend.attach(RunDir(info.folder), by_hand=True)
    follow(backend, RunDir(info.folder))


def _stop(info: RunInfo, _action: str) -> None:
    """Climb the cancel ladder until the run has ended."""
    from bespoke_gui.core.rundir import RunDir
    from bespoke_gui.launch.base import BACKENDS

    backend, run_dir, before = BACKENDS[info.backend or "local"], RunDir(info.folder), ""
    while (rung := backend.stop(run_dir)) != "ended":
        if rung != before:
            say({"asked": "asked it to save and end"}.get(rung, rung))
        before = rung
        time.sleep(STOP_POLL_S)


def _wait(info: RunInfo, action: str) -> None:
    """Have something done that takes its time, and wait for it."""
    from bespoke_gui.core.rundir import RunDir
    from bespoke_gui.launch.base import BACKENDS

    getattr(BACKENDS[info.backend or "local"], action)(RunDir(info.folder))


def _ask(info: RunInfo, action: str) -> None:
    """Pass a request on to a running engine; `show` asks nothing."""
    from bespoke_gui.core.rundir import RunDir
    from bespoke_gui.launch.base import BACKENDS

    if action == "show":
        return
    if info.state != "running":
        raise AppError(f"is not running ({info.state})", file=info.folder)
    run_dir = RunDir(info.folder)
    if action == "continue":
        run_dir.withdraw("pause")
    else:
        run_dir.request(action.replace("-", "_"))
    BACKENDS[info.backend or "local"].attach(run_dir, by_hand=True)
