"""Recorder: every saved text and what was before is in the history, also after a kill."""

import os
import signal
import subprocess
import sys

import pytest

from bespoke_gui.core.history import History
from bespoke_gui.qtmodels import caption_recorder

NAME, OTHER = "lad_001.png", "lad_002.png"


def past(session, name=NAME):
    with History(session.project.folder) as history:
        return [(version.text, version.source) for version in history.texts(name)]


def save(session, *names):
    session.captions.save(names or session.captions.unsaved(), lambda report: None)


def test_a_save_keeps_the_text_and_what_was_before(session):
    before = session.captions.text(NAME)
    session.captions.edit(NAME, "one", typing=True)
    assert past(session) == [(before, "before")]
    save(session)
    session.captions.edit(NAME, "two")
    save(session)
    assert past(session) == [("two", "edit"), ("one", "edit"), (before, "before")]
    assert past(session, OTHER) == []


def test_a_step_gives_its_name_to_what_is_saved(session):
    texts = {NAME: "one", OTHER: "two"}
    session.captions.edit_many(texts, "rules: hats")
    save(session)
    assert past(session)[0] == ("one", "rules: hats")
    assert past(session, OTHER)[0] == ("two", "rules: hats")
    session.captions.undo_stack.undo()
    save(session)
    assert past(session)[0][1] == "undo"
    assert past(session)[0][0] == past(session)[-1][0]


def test_a_large_step_is_kept_a_moment_later_or_with_what_comes_next(session, monkeypatch, qtbot):
    monkeypatch.setattr(caption_recorder, "MANY", 1)
    before = session.captions.text(NAME)
    session.captions.edit_many({NAME: "one", OTHER: "two"}, "rules: hats")
    assert past(session) == []
    qtbot.waitUntil(lambda: past(session) == [(before, "before")])
    save(session)
    assert past(session)[0] == ("one", "rules: hats")
    session.captions.undo_stack.undo()
    save(session)  # at once
    assert past(session)[0] == (before, "undo")
    session.captions.edit_many({NAME: "three", OTHER: "four"}, "rules: caps")
    session.captions.edit(NAME, "five")
    save(session)
    assert past(session)[0] == ("five", "edit")
    assert past(session, OTHER)[0] == ("four", "rules: caps")


def test_a_large_step_is_kept_when_the_window_closes(session, monkeypatch):
    monkeypatch.setattr(caption_recorder, "MANY", 1)
    before = session.captions.text(NAME)
    session.captions.edit_many({NAME: "one", OTHER: "two"}, "rules: hats")
    session.recorder.flush()
    assert past(session) == [(before, "before")]


def test_what_another_program_wrote_is_kept(session):
    session.captions.on_disk(NAME).path.write_text("theirs")
    session.captions.take_changes_from_disk()
    assert past(session)[0] == ("theirs", "changed by another program")


def test_a_missing_caption_has_no_text_before(empty_session, make_project):
    folder = make_project(captions={"lad_002": "x"})
    empty_session.open_project(folder)
    empty_session.captions.edit(NAME, "new")
    save(empty_session)
    assert past(empty_session) == [("new", "edit")]


def test_flushing_writes_what_waits(session, monkeypatch):
    before, other = session.captions.text(NAME), session.captions.text(OTHER)
    waiting = []
    monkeypatch.setattr(
        "bespoke_gui.qtmodels.caption_recorder.run_task",
        lambda work, *_, **__: waiting.append(work),
    )
    session.captions.edit(NAME, "one")
    session.captions.edit(OTHER, "two")
    assert past(session) == past(session, OTHER) == []
    session.recorder.flush()
    assert past(session) == [(before, "before")]
    assert past(session, OTHER) == [(other, "before")]
    for work in waiting:
        work()
    assert past(session) == [(before, "before")]


def test_a_history_that_cannot_be_written_is_told_once(session, monkeypatch):
    def refuse(*_):
        raise OSError("no room")

    monkeypatch.setattr(History, "record_rows", refuse)
    for text in ("one", "two"):
        session.captions.edit(NAME, text)
        save(session)
    assert [notice[0] for notice in session.told].count("warning") == 1


EDITOR = """
import sys
from PySide6.QtCore import QCoreApplication, QTimer
from bespoke_gui.core.settings import Settings
from bespoke_gui.qtmodels import tasks
from bespoke_gui.qtmodels.session import Session
application = QCoreApplication([])
session = Session(Settings())
session.notice.connect(lambda *told: print(told, file=sys.stderr))
def edit(number=0):
    session.captions.edit("lad_001.png", f"text {number}")
    session.captions.save(["lad_001.png"], lambda report: saved(number))
def saved(number):
    print(number, flush=True)
    QTimer.singleShot(30, lambda: edit(number + 1))
session.open_project(sys.argv[1], edit)
application.exec()
"""


@pytest.mark.skipif(os.name == "nt", reason="kills a process by signal")
def test_past_texts_survive_a_kill(make_project):
    folder = make_project()
    command = [sys.executable, "-c", EDITOR, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as editor:
        assert editor.stdout is not None
        for _ in range(12):
            assert editor.stdout.readline()
        editor.send_signal(signal.SIGKILL)
        rest = editor.stdout.read().split()
    last = int(rest[-1]) if rest else 11
    on_disk = next(folder.rglob("lad_001.txt")).read_text()
    with History(folder) as history:
        assert history.problems == []
        texts = [version.text for version in history.texts("lad_001.png")]
    # In order from the text of before on, without a gap; only the newest still waited.
    assert "brown hair" in texts[-1]
    numbers = [int(text.split()[1]) for text in reversed(texts[:-1])]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= 1
    assert int(on_disk.split()[1]) >= last
