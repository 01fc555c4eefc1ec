"""Jobs over all cores: processes for large sets, and this process, which never waits for them."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from typing import Generic, TypeVar

from bespoke_gui.core.prepared.buffers import keep_buffers

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
    This process is one of the workers, and begins while the others are still starting.
    Closing the generator waits for the jobs at work and drops the rest. Where workers cannot
    start or die, the rest is done in this process.
    """
    keep_buffers()
    count = workers or _workers(len(jobs))
    if count < 2:
        yield from map(work, jobs)
        return
    with contextlib.closing(_Shared(work, jobs, count - 1)) as shared:
        yield from shared.results()


class _Shared(Generic[J, R]):
    """Jobs in chunks, some of them at other processes; results are handed out in order."""

    def __init__(self, work: Callable[[J], R], jobs: Sequence[J], others: int) -> None:
        self._work = work
        self._chunks = [jobs[at : at + _CHUNK] for at in range(0, len(jobs), _CHUNK)]
        self._waiting = list(reversed(range(len(self._chunks))))
        self._flying: dict[Future[list[R]], int] = {}
        self._done: dict[int, list[R]] = {}
        self._others = others
        # Never fork: the window has threads, and a forked lock may never open again.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(others, mp_context=context, initializer=_begin)

    def results(self) -> Generator[R, None, None]:
        """Yield all results; chunks that a dead worker had are done here."""
        for number in range(len(self._chunks)):
            while number not in self._done:
                self._hand_out()
                if self._waiting:
                    mine = self._waiting.pop()
                    self._done[mine] = _do(self._work, self._chunks[mine])
                else:
                    wait(self._flying, return_when=FIRST_COMPLETED)
                self._collect()
            yield from self._done.pop(number)

    def close(self) -> None:
        """Wait for the chunks at work and end the workers."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _hand_out(self) -> None:
        """Keep one chunk ready at each worker beside the one it works on."""
        while self._waiting and len(self._flying) < 2 * self._others:
            chunk = self._waiting.pop()
            try:
                future = self._pool.submit(_do, self._work, self._chunks[chunk])
            except (BrokenProcessPool, OSError):
                self._waiting.append(chunk)
                self._others = 0
                return
            self._flying[future] = chunk

    def _collect(self) -> None:
        for future in [future for future in self._flying if future.done()]:
            chunk = self._flying.pop(future)
            try:
                self._done[chunk] = future.result()
            except BrokenProcessPool:
                self._others = 0
                self._waiting.append(chunk)
        self._waiting.sort(reverse=True)


def _do(work: Callable[[J], R], jobs: Sequence[J]) -> list[R]:
    return [work(job) for job in jobs]


def _begin() -> None:
    """Let only the parent answer Ctrl-C, and end with it however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_buffers()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    """A killed parent cannot say goodbye, and its workers would wait for work for ever."""
    connection.wait([sentinel])
    os._exit(1)


def _workers(jobs: int) -> int:
    if jobs < SMALL:
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores or 1, _MOST_WORKERS)
