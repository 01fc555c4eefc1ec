import threading
import time

import pytest
from PySide6.QtCore import QObject

from bespoke_gui.core.errors import AppError
from bespoke_gui.qtmodels import tasks
from bespoke_gui.qtmodels.tasks import TaskCancelled, run_task


def test_result_arrives_on_the_gui_thread(qtbot, threaded_tasks):
    seen = []
    run_task(threading.get_ident, lambda worker: seen.append((worker, threading.get_ident())))
    qtbot.waitUntil(lambda: bool(seen))
    worker, receiver = seen[0]
    assert worker != receiver
    assert receiver == threading.get_ident()


def test_error_goes_to_failed(qtbot, threaded_tasks):
    errors = []

    def work():
        raise AppError("no")

    run_task(work, lambda _: pytest.fail("it did not succeed"), errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert str(errors[0]) == "no"


def test_error_without_failed_is_never_lost():
    errors = []
    undo = tasks.use(failed=errors.append)
    run_task(lambda: 1 / 0)
    undo()
    assert isinstance(errors[0], ZeroDivisionError)


def test_context_is_given_only_where_it_is_wanted():
    got = []
    run_task(lambda: 1, got.append)
    run_task(lambda value=2: value, got.append)
    run_task(lambda context: context.cancelled, got.append)
    assert got == [1, 2, False]


def test_progress_is_thinned_but_the_end_is_told():
    seen = []

    def work(context):
        for step in range(1, 1001):
            context.progress(step, 1000, str(step))

    run_task(work, progress=lambda *told: seen.append(told))
    assert seen[-1] == (1000, 1000, "1000")
    assert len(seen) < 100


def test_cancel_ends_without_done_or_failed(qtbot, threaded_tasks):
    calls = []
    started = threading.Event()

    def work(context):
        started.set()
        while True:
            context.check()
            time.sleep(0.001)

    task = run_task(work, lambda _: calls.append("done"), lambda _: calls.append("failed"),
                    ended=lambda: calls.append("ended"))  # fmt: skip
    assert started.wait(5)
    task.cancel()
    qtbot.waitUntil(lambda: bool(calls))
    assert calls == ["ended"]
    assert not task.is_running


def test_cancel_kind_of_app_error_is_no_failure():
    calls = []

    def work():
        raise AppError("stopped", kind="cancelled")

    run_task(work, calls.append, calls.append, ended=lambda: calls.append("ended"))
    assert calls == ["ended"]


def test_a_gone_parent_is_told_nothing(qtbot, threaded_tasks):
    calls = []
    go_on = threading.Event()
    parent = QObject()
    task = run_task(lambda: go_on.wait(5), calls.append, parent=parent)
    parent.deleteLater()
    qtbot.waitUntil(lambda: task.cancelled)
    go_on.set()
    qtbot.waitUntil(lambda: not task.is_running)
    assert calls == []


def test_shutdown_cancels_and_waits(threaded_tasks):
    started, ended = threading.Event(), threading.Event()

    def work(context):
        started.set()
        while not context.cancelled:
            time.sleep(0.001)
        ended.set()
        raise TaskCancelled

    run_task(work)
    assert started.wait(5)
    assert tasks.running() == 1
    assert tasks.shutdown()
    assert ended.is_set()
    assert tasks.running() == 0
