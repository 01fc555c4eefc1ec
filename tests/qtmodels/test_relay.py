"""Threads that tell objects which are deleted meanwhile: nothing comes, and nothing breaks."""

import gc
import subprocess
import sys
import threading
from types import FunctionType, ModuleType
from typing import ClassVar

import pytest
from PySide6.QtCore import QObject, SignalInstance

from bespoke_gui.core.rundir import RunDir
from bespoke_gui.qtmodels import relay, tasks
from bespoke_gui.qtmodels.run_watcher import RunWatcher

# Objects die while their threads speak, over and over, with threads changing places all the time.
STRESS = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QObject
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.qtmodels import tasks
from bespoke_gui.qtmodels.run_watcher import RunWatcher

application = QCoreApplication([])
sys.setswitchinterval(1e-5)
folder = RunDir(Path(sys.argv[1]))
done = []

def work(context):
    for _ in range(3):
        context.progress(1, 1)

def watch(parent):
    watcher = RunWatcher(folder, lambda _: "finished", 1, parent)
    watcher.events_read.connect(done.append)
    watcher.start()

def task(parent):
    tasks.run_task(work, done=done.append, progress=lambda *_: None, parent=QObject(parent))

for number in range(1000):
    parent = QObject()
    (watch if sys.argv[2] == "watcher" else task)(parent)
    if number % 2:
        application.processEvents()
    else:
        time.sleep(0.0002 * (number % 5))
    parent.deleteLater()
    del parent
    application.sendPostedEvents(None, 52)
assert done
while tasks.running():
    application.processEvents()
print("alive")
"""


class Ear:
    def __init__(self):
        self.heard = []

    def hear(self, *words):
        self.heard.append((words, threading.current_thread()))


def test_words_of_another_thread_come_on_ours_in_order(qtbot):
    ear = Ear()
    key = relay.receive(ear.hear)
    speaker = threading.Thread(target=lambda: [relay.send(key, n, str(n)) for n in range(50)])
    speaker.start()
    speaker.join()
    assert not ear.heard
    qtbot.waitUntil(lambda: len(ear.heard) == 50)
    assert [words for words, _ in ear.heard] == [(n, str(n)) for n in range(50)]
    assert {thread for _, thread in ear.heard} == {threading.current_thread()}


def test_nothing_comes_to_the_forgotten_and_the_gone(qtbot):
    forgotten, gone, here = Ear(), Ear(), Ear()
    keys = [relay.receive(ear.hear) for ear in (forgotten, gone, here)]
    speaker = threading.Thread(target=lambda: [relay.send(key, "word") for key in keys])
    speaker.start()
    speaker.join()
    relay.forget(keys[0])
    del gone
    qtbot.waitUntil(lambda: len(here.heard) == 1)
    assert not forgotten.heard


class Held:
    """Says on which thread it was let go of last."""

    ended: ClassVar[list[threading.Thread]] = []

    def __del__(self):
        self.ended.append(threading.current_thread())


@pytest.mark.parametrize("fails", [False, True])
def test_what_a_task_used_is_let_go_of_on_the_windows_thread(threaded_tasks, qtbot, fails):
    def work_with(held):
        def work(context):
            context.progress(1, 1)
            if fails:
                raise ValueError(str(id(held)))
            return held

        return work

    Held.ended.clear()
    done = []
    for _ in range(200):
        tasks.run_task(
            work_with(Held()), lambda _: None, lambda _: None, ended=lambda: done.append(1)
        )
    qtbot.waitUntil(lambda: len(done) == 200, timeout=60000)
    gc.collect()
    assert len(Held.ended) == 200
    assert set(Held.ended) == {threading.current_thread()}


def test_the_thread_of_a_watcher_holds_nothing_of_qt(tmp_path, qtbot):
    watcher = RunWatcher(RunDir(tmp_path), lambda _: "running")
    watcher.start()
    seen, open_ = set(), [watcher._reader]
    while open_:
        one = open_.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | FunctionType):
            continue
        seen.add(id(one))
        assert not isinstance(one, QObject | SignalInstance), one
        open_ += gc.get_referents(one)
    assert len(seen) > 20
    watcher.stop()


@pytest.mark.parametrize("what", ["watcher", "task"])
def test_what_is_deleted_while_a_thread_speaks_takes_nothing_along(tmp_path, what):
    (tmp_path / "events.jsonl").write_text('{"event": "progress", "time": 1, "step": 1}\n' * 200)
    (tmp_path / "exit.json").write_text("{}")
    words = [sys.executable, "-X", "faulthandler", "-c", STRESS, str(tmp_path), what]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert (ended.returncode, ended.stdout) == (0, "alive\n"), ended.stderr
