"""Jobs over all cores: processes for large sets, this process for small ones."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

J = TypeVar("J")
R = TypeVar("R")

# Below this many jobs the start of the workers (0.3 s) costs more than they save.
SMALL = 48
_MOST_WORKERS = 8
_CHUNK = 4


def run_jobs(
    work: Callable[[J], R], jobs: Sequence[J], workers: int = 0
) -> Generator[R, None, None]:
    """Yield work(job) in order. workers: 0 chooses by the number of jobs and cores.

    Processes, since threads gain nothing (PNG coding holds Python's lock: 1.0x on two cores).
    Closing the generator waits for the jobs at work and drops the rest. Where workers cannot
    start or die, the rest is done in this process.
    """
    count = workers or _workers(len(jobs))
    done = 0
    if count > 1:
        with (
            contextlib.suppress(BrokenProcessPool),
            contextlib.closing(_in_processes(work, jobs, count)) as results,
        ):
            for result in results:
                yield result
                done += 1
            return
    for job in jobs[done:]:
        yield work(job)


def _in_processes(
    work: Callable[[J], R], jobs: Sequence[J], count: int
) -> Generator[R, None, None]:
    # Never fork: the window has threads, and a forked lock may never open again.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_leave_ctrl_c)
    try:
        yield from pool.map(work, jobs, chunksize=_CHUNK)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _leave_ctrl_c() -> None:
    """Let only the parent answer Ctrl-C; it ends the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _workers(jobs: int) -> int:
    if jobs < SMALL:
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores or 1, _MOST_WORKERS)
