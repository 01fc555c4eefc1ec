"""`bespoke package export-task ZIP`: a package as a task of SkyPilot, dstack or accelerate."""

from __future__ import annotations

import argparse

from bespoke_gui.commands.output import Result
from bespoke_gui.core.errors import AppError


def add_task_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `export-task` takes."""
    group = parser.add_argument_group("export-task")
    group.add_argument("--to", default="", metavar="TOOL", help="skypilot, dstack or accelerate")
    group.add_argument("--gpu", default="", metavar="NAME[,NAME...]", help="cards, best first")
    group.add_argument("--gpus", type=int, default=1, metavar="N", help="cards that train together")
    group.add_argument("--max-hours", type=float, metavar="H", help="when it is given up")
    group.add_argument("--max-usd-per-hour", type=float, metavar="USD", help="dearest machine")
    group.add_argument("--bucket", default="", metavar="NAME", help="bucket or volume for them")
    group.add_argument("--nodes", type=int, default=1, metavar="N", help="accelerate: machines")
    group.add_argument("--main-host", default="", metavar="HOST", help="accelerate: the first one")


def export_task(args: argparse.Namespace) -> Result:
    """Write the task's files into --out."""
    from bespoke_gui.core.cloud_tasks.base import CLOUD_TASKS
    from bespoke_gui.core.cloud_tasks.wish import wish_for
    from bespoke_gui.core.cloud_tasks.write import write_task

    if not args.to or args.out is None:
        hint = f"--to {'|'.join(CLOUD_TASKS)} --out DIR"
        raise AppError("name a tool and a folder", hint=hint, kind="usage")
    task = CLOUD_TASKS[args.to]
    wish = wish_for(
        args.zip[0], args.gpu.split(","), count=args.gpus, max_hours=args.max_hours,
        usd_per_hour=args.max_usd_per_hour, bucket=args.bucket, nodes=args.nodes,
        main_host=args.main_host,
    )  # fmt: skip
    paths = write_task(task.files(wish), args.out)
    how = task.how.format(file=paths[0])
    data = {
        "task": task.name, "path": str(paths[0]), "files": [str(path) for path in paths],
        "how": how, "tested": task.tested, "checkpoint": wish.checkpoint,
    }  # fmt: skip
    note = "" if task.tested else "\nuntested: no training was ever run this way by us"
    return Result(data, "\n".join([*(str(path) for path in paths), f"next: {how}"]) + note)
