"""Background work: a function runs on a pool thread, its outcome arrives on the GUI thread."""

from __future__ import annotations

import inspect
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from bespoke_gui.core.errors import AppError
from bespoke_gui.qtmodels import relay

PROGRESS_INTERVAL = 0.05


class TaskCancelled(Exception):
    """Raised inside a task's function to end early because the task was cancelled."""


class Pool(Protocol):
    """Runs a function some time soon, on whatever thread it likes."""

    def start(self, work: Callable[[], None]) -> None:
        """Run `work`."""
        ...

    def wait(self, milliseconds: int) -> bool:
        """Wait for all work; False when some is still going on."""
        ...


class _Job(QRunnable):
    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self.work = work

    def run(self) -> None:
        self.work()


class ThreadPool:
    """Qt's thread pool; the one used outside tests."""

    def __init__(self, threads: int = 0) -> None:
        self._pool = QThreadPool()
        if threads:
            self._pool.setMaxThreadCount(threads)

    def start(self, work: Callable[[], None]) -> None:
        """Run `work` on a free thread."""
        self._pool.start(_Job(work))

    def wait(self, milliseconds: int) -> bool:
        """Wait for all work; False when some is still going on."""
        return self._pool.waitForDone(milliseconds)


class SynchronousPool:
    """Runs everything at once on the calling thread: for tests and scripts."""

    def start(self, work: Callable[[], None]) -> None:
        """Run `work` now."""
        work()

    def wait(self, milliseconds: int) -> bool:
        """Nothing is ever left to wait for."""
        return milliseconds >= 0


class TaskContext:
    """What a task's function may use while it runs, from any thread."""

    def __init__(self, emit: Callable[[int, int, str], None], cancelled: threading.Event) -> None:
        self._emit = emit
        self._cancelled = cancelled
        self._last = 0.0

    def progress(self, done: int, total: int, text: str = "") -> None:
        """Tell how far the work is; at most twenty times a second reach the window."""
        now = time.monotonic()
        if done < total and now - self._last < PROGRESS_INTERVAL:
            return
        self._last = now
        self._emit(done, total, text)

    @property
    def stop(self) -> threading.Event:
        """Set when somebody asked this task to end; for work that can wait for it."""
        return self._cancelled

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked this task to end."""
        return self._cancelled.is_set()

    def check(self) -> None:
        """Raise TaskCancelled when the task was cancelled."""
        if self.cancelled:
            raise TaskCancelled


class Task(QObject):
    """One piece of background work. `ended` comes last, whatever the outcome."""

    ended = Signal()

    def __init__(
        self,
        done: Callable[[Any], object] | None,
        failed: Callable[[Exception], object] | None,
        progress: Callable[[int, int, str], object] | None,
    ) -> None:
        super().__init__()
        self._done = done
        self._failed = failed
        self._progress = progress
        self._stop = threading.Event()
        self._abandoned = False
        self._func: Callable[..., Any] | None = None
        self.is_running = True
        self._keys = relay.receive(self._on_progressed), relay.receive(self._on_returned)

    @property
    def cancelled(self) -> bool:
        """Whether cancel() was called."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Ask the work to end; neither `done` nor `failed` is called after this."""
        self._stop.set()

    def abandon(self) -> None:
        """Cancel, and tell nobody: the widget that waited for it is gone."""
        self._abandoned = True
        self.cancel()

    def work_on(self, func: Callable[..., Any]) -> _Work:
        """Return `func` as work that tells this task, and holds nothing of it."""
        self._func = func  # so that the window's thread is the last to let go of it
        return _Work(func, self._stop, *self._keys)

    def _on_progressed(self, done: int, total: int, text: str) -> None:
        if self._progress is not None and not self.cancelled:
            self._progress(done, total, text)

    def _on_returned(self, outcome: _Outcome) -> None:
        result, error = outcome.take()
        self.is_running = False
        self._func = None
        for key in self._keys:
            relay.forget(key)
        _state.running.discard(self)
        if self._abandoned:
            return
        try:
            self._report(result, error)
        finally:
            self.ended.emit()

    def _report(self, result: Any, error: Exception | None) -> None:
        if error is not None and not _means_cancelled(error):
            report = self._failed or _state.failed
            report(error)
        elif not self.cancelled and error is None and self._done is not None:
            self._done(result)


class _Outcome:
    """What a function came to. It is taken out on the window's thread, which then holds it alone:
    errors hold the frames of the function, and so whatever of the window it used."""

    def __init__(self) -> None:
        self.result: Any = None
        self.error: Exception | None = None

    def take(self) -> tuple[Any, Exception | None]:
        taken = self.result, self.error
        self.result = self.error = None
        return taken


class _Work:
    """The part of a task that another thread has."""

    def __init__(
        self, func: Callable[..., Any], stop: threading.Event, progress: int, returned: int
    ) -> None:
        self._func: Callable[..., Any] | None = func
        self._context = TaskContext(partial(relay.send, progress), stop)
        self._returned = returned

    def __call__(self) -> None:
        """Run the function on the calling thread and send its outcome to the window's."""
        outcome = _Outcome()
        try:
            outcome.result = self._call()
        except Exception as caught:  # noqa: BLE001 - reported on the GUI thread
            outcome.error = caught
        relay.send(self._returned, outcome)

    def _call(self) -> Any:
        func, self._func = self._func, None
        assert func is not None
        self._context.check()
        return func(self._context) if _takes_context(func) else func()


class _State:
    """The pool in use and the tasks under way (kept alive until they have reported)."""

    def __init__(self) -> None:
        self.pool: Pool | None = None
        self.running: set[Task] = set()
        self.failed: Callable[[Exception], object] = _to_excepthook


def _to_excepthook(error: Exception) -> None:
    sys.excepthook(type(error), error, error.__traceback__)


_state = _State()


def run_task(
    func: Callable[..., Any],
    done: Callable[[Any], object] | None = None,
    failed: Callable[[Exception], object] | None = None,
    progress: Callable[[int, int, str], object] | None = None,
    parent: QObject | None = None,
    ended: Callable[[], object] | None = None,
) -> Task:
    """Run `func` in the background; all callbacks come on the GUI thread.

    A `func` with a required parameter is given a TaskContext. Without `failed` an error goes
    where `use` was told to send it. When `parent` is destroyed the task is cancelled and no
    callback comes. `ended` is called last, also after a cancel.
    """
    task = Task(done, failed, progress)
    if ended is not None:
        task.ended.connect(ended)
    if parent is not None:
        parent.destroyed.connect(task.abandon)
    _state.running.add(task)
    _pool().start(task.work_on(func))
    return task


def use(
    pool: Pool | None = None, failed: Callable[[Exception], object] | None = None
) -> Callable[[], None]:
    """Choose the pool and where unhandled errors go; returns a function that undoes it."""
    before = (_state.pool, _state.failed)
    _state.pool = pool or _state.pool
    _state.failed = failed or _state.failed

    def undo() -> None:
        _state.pool, _state.failed = before

    return undo


def running() -> int:
    """Return how many tasks have not reported yet."""
    return len(_state.running)


def shutdown(milliseconds: int = 5000) -> bool:
    """Cancel all tasks and wait for their threads; False when one would not end in time."""
    for task in list(_state.running):
        task.abandon()
    _state.running.clear()
    return _pool().wait(milliseconds)


def _pool() -> Pool:
    if _state.pool is None:
        _state.pool = ThreadPool()
    return _state.pool


def _means_cancelled(error: Exception) -> bool:
    return isinstance(error, TaskCancelled) or (
        isinstance(error, AppError) and error.kind == "cancelled"
    )


def _takes_context(func: Callable[..., Any]) -> bool:
    """Whether `func` has a required positional parameter; C functions without one do not."""
    try:
        parameters = inspect.signature(func).parameters.values()
    except (TypeError, ValueError):
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return any(p.kind in positional and p.default is p.empty for p in parameters)
