"""Action `queue run`: starts what is in line, one run at a time on each machine."""

from __future__ import annotations

import argparse
import time

from bespoke_gui.commands._queue_told import project_of, result
from bespoke_gui.commands.output import Result, say

POLL_S = 1.0


def run_queue(args: argparse.Namespace) -> Result:
    """Go on until nothing runs and nothing waits; runs go on when this is ended."""
    from bespoke_gui.launch.queue_runner import QueueRunner

    runner = QueueRunner(project_of(args))
    started, failed = [], 0
    while True:
        step = runner.step()
        started += [entry.id for entry in step.started]
        for entry in step.started:
            say(f"started {entry.title} as run {entry.run}")
        for entry in step.ended:
            say(f"{entry.title}: {entry.state} {entry.note}".rstrip())
            failed += entry.state == "failed"
        if args.once or step.idle:
            break
        time.sleep(POLL_S)
    answer = result(runner.file.read(), started=started)
    return Result(answer.data, answer.text, 1 if failed else 0)
