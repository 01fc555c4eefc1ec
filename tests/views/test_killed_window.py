"""A real window is killed while somebody types: the next start has the text and the project."""

import os
import subprocess
import sys

from bespoke_gui.core.project_lock import ProjectLock
from bespoke_gui.qtmodels.caption_journal import Journal
from tests.qt_fixtures import CAPTIONS

WINDOW = """
import sys
from pathlib import Path
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from bespoke_gui import app

application, session, window = app.build()
session.settings.autosave = False
window.show()
app.start(session, [sys.argv[1]])
store = session.captions

def begin():
    session.show_caption("lad_001.png")
    editor = window.panel("captions").page("edit").editing.editor
    keys = iter("typed by a person in the window, letter by letter")

    def key():
        QTest.keyClicks(editor, next(keys, "!"))
        print(store.text("lad_001.png"), flush=True)

    timer = QTimer(window, interval=15)
    timer.timeout.connect(key)
    timer.start()

session.project_changed.connect(lambda: QTimer.singleShot(300, begin))
application.exec()
"""


def test_a_killed_window_gives_back_what_was_typed_and_the_project(make_project, root):
    folder = make_project()
    process = subprocess.Popen(
        [sys.executable, "-c", WINDOW, str(folder)],
        cwd=root, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    lines = [process.stdout.readline().strip() for _ in range(30)]
    holder = ProjectLock(folder / ".bespoke").holder()
    process.kill()
    lines += [line.strip() for line in process.communicate()[0].splitlines()]
    assert len(lines[-1]) > len(lines[0])
    path = folder / "dataset" / "lad_001.txt"
    assert path.read_text() == CAPTIONS["lad_001"]
    entry = Journal(folder / ".bespoke" / "journal").read()["lad_001.png"]
    assert entry.text.startswith(lines[-1])
    assert len(entry.text) <= len(lines[-1]) + 1
    assert holder.pid == process.pid
    assert ProjectLock(folder / ".bespoke").acquire() is None
