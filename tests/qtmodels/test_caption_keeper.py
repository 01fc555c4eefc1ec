"""Autosave, changes of other programs and the lock, as the open window sees them."""

import subprocess
import sys
import time
from datetime import datetime

import pytest

from bespoke_gui.core import captions
from bespoke_gui.core.errors import AppError
from bespoke_gui.qtmodels import caption_keeper
from bespoke_gui.qtmodels.caption_keeper import CaptionKeeper
from bespoke_gui.qtmodels.session import Session
from tests.core.test_project_lock import HOLD
from tests.qt_fixtures import CAPTIONS

NAME = "lad_001.png"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(caption_keeper, "PAUSE_MS", 60)
    monkeypatch.setattr(caption_keeper, "LONGEST_MS", 250)
    monkeypatch.setattr(caption_keeper, "SETTLE_MS", 20)
    monkeypatch.setattr(caption_keeper, "LOOK_EVERY_MS", 80)


@pytest.fixture
def keeper(session):
    made = CaptionKeeper(session)
    yield made
    made.deleteLater()


@pytest.fixture
def path(session):
    return session.captions.on_disk(NAME).path


def test_saved_by_itself_after_a_pause(keeper, session, path, qtbot):
    session.captions.edit(NAME, "typed")
    assert path.read_text() == CAPTIONS["lad_001"]
    qtbot.waitUntil(lambda: path.read_text() == "typed")
    assert session.captions.unsaved() == []


def test_undo_of_a_saved_edit_is_saved_too(keeper, session, path, qtbot):
    session.captions.edit(NAME, "typed")
    qtbot.waitUntil(lambda: path.read_text() == "typed")
    session.captions.undo_stack.undo()
    assert session.captions.unsaved() == [NAME]
    qtbot.waitUntil(lambda: path.read_text() == CAPTIONS["lad_001"])
    session.captions.undo_stack.redo()
    qtbot.waitUntil(lambda: path.read_text() == "typed")


def test_saved_at_once_when_the_person_goes_on(keeper, session, path):
    session.captions.edit(NAME, "typed")
    session.captions.pause.emit()
    assert path.read_text() == "typed"
    session.captions.edit(NAME, "more")
    keeper.on_window_active(False)
    assert path.read_text() == "more"


def test_typing_without_a_pause_is_saved_too(keeper, session, path, qtbot):
    for number in range(40):
        session.captions.edit(NAME, f"typed {number}", typing=True)
        qtbot.wait(10)
    assert path.read_text().startswith("typed")


def test_nothing_is_saved_where_the_person_wants_it_so(keeper, session, path, qtbot):
    session.settings.autosave = False
    session.captions.edit(NAME, "typed")
    session.captions.pause.emit()
    qtbot.wait(150)
    assert path.read_text() == CAPTIONS["lad_001"]


def test_each_text_goes_to_its_own_file(keeper, session, threaded_tasks, qtbot):
    """Typing moves from caption to caption while saves are under way."""
    seen = {name: {session.captions.text(name)} for name in session.captions.names()}
    for number in range(60):
        for name, texts in seen.items():
            text = f"{name} {number}"
            session.captions.edit(name, text, typing=True)
            texts.add(text)
            if number % 7 == 0:
                session.captions.pause.emit()
            assert captions.read(session.captions.on_disk(name).path).text in texts
        qtbot.wait(2)
    qtbot.waitUntil(lambda: not session.captions.unsaved())
    for name in seen:
        assert session.captions.on_disk(name).path.read_text() == f"{name} 59"


def test_a_failure_is_told_once_and_tried_again(keeper, session, path, qtbot, monkeypatch):
    real = captions.atomic.write_bytes

    def refuse(target, *_, **__):
        raise AppError("the disk is full", file=target, hint="free some space", kind="disk_full")

    monkeypatch.setattr(captions.atomic, "write_bytes", refuse)
    session.captions.edit(NAME, "typed")
    qtbot.waitUntil(lambda: bool(session.told))
    qtbot.wait(700)
    assert len(session.told) == 1
    level, text, _ = session.told[0]
    assert level == "warning"
    assert "free some space" in text
    assert "journal" in text
    monkeypatch.setattr(captions.atomic, "write_bytes", real)
    qtbot.waitUntil(lambda: path.read_text() == "typed")


def test_a_clash_stops_neither_other_saves_nor_the_person(keeper, session, path, qtbot):
    session.captions.edit(NAME, "my words")
    session.captions.edit("lad_002.png", "other")
    path.write_text("their words")
    qtbot.waitUntil(lambda: session.captions.unsaved() == [NAME])
    qtbot.wait(200)
    assert path.read_text() == "their words"
    assert set(session.captions.clashes) == {NAME}
    session.captions.settle(NAME, "my words")
    qtbot.waitUntil(lambda: path.read_text() == "my words")


@pytest.mark.parametrize("in_place", [True, False])
def test_another_program_is_noticed(keeper, session, path, qtbot, in_place):
    new = path.with_suffix(".new")
    target = path if in_place else new
    target.write_text("theirs, written elsewhere")
    if not in_place:
        new.replace(path)
    qtbot.waitUntil(lambda: session.captions.text(NAME) == "theirs, written elsewhere")
    assert session.captions.unsaved() == []
    assert "undo brings it back" in session.told[-1][1]


def test_folders_are_watched_not_files(keeper, session, path, tmp_path):
    assert keeper.look.folders() == [str(path.parent)]
    session.close_project()
    assert keeper.look.folders() == []


def test_our_own_saves_are_no_news(keeper, session, qtbot, threaded_tasks):
    for number in range(5):
        session.captions.edit(NAME, f"mine {number}")
        qtbot.waitUntil(lambda: not session.captions.unsaved())
        qtbot.wait(60)
    assert session.told == []


def test_looking_gets_rarer_where_it_takes_long(keeper, session):
    keeper.look._began = time.monotonic() - 1.0
    keeper.look._on_looked()
    assert keeper.look._later.interval() >= caption_keeper.SHARE * 900


def test_a_computer_that_slept_while_looking_looks_again_soon(keeper):
    keeper.look._began = time.monotonic() - 100 * 3600
    keeper.look._on_looked()
    assert keeper.look._later.interval() == caption_keeper.LOOK_AT_LEAST_EVERY_MS


@pytest.fixture
def other_window(session, root):
    """Another process that works on the same project."""
    folder = session.project.folder
    session.close_project()
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder / ".bespoke")],
        cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    process.stdout.readline()
    yield folder
    process.kill()
    process.communicate()


@pytest.mark.parametrize("answer", ["read", "take", ""])
def test_a_project_in_use_is_asked_about(other_window, session, ask, answer):
    ask.answers = [answer]
    session.open_project(other_window)
    title, text, _ = ask.asked[0]
    assert "already in use" in title
    assert f"{datetime.now():%H:}" in text
    assert bool(session.project) == bool(answer)
    assert not session.is_opening
    session.captions.edit(NAME, "typed")
    assert bool(session.captions.unsaved()) == (answer == "take")
    journals = list((other_window / ".bespoke" / "journal").glob("captions-*"))
    assert bool(journals) == (answer == "take")


def test_a_window_that_lost_its_project_goes_on_read_only(keeper, session, path, qtbot, root):
    session.settings.autosave = False
    session.captions.edit(NAME, "typed here")
    taker = (
        "import sys; from pathlib import Path; from bespoke_gui.core.project_lock import *;"
        "ProjectLock(Path(sys.argv[1])).acquire(take_over=True)"
    )
    folder = session.project.bespoke_dir
    subprocess.run([sys.executable, "-c", taker, str(folder)], cwd=root, check=True)
    told = []
    session.captions.save([NAME], told.append)
    assert "taken over" in str(told[0].failed[NAME])
    qtbot.waitUntil(lambda: bool(session.captions.read_only))
    assert path.read_text() == CAPTIONS["lad_001"]
    assert "read-only" in session.told[-1][1]
    later = Session(session.settings, session.ask)
    later.open_project(session.project.folder)
    assert later.captions.left_over[NAME].text == "typed here"
    later.deleteLater()


def test_opening_another_project_saves_first(keeper, session, path, make_project):
    session.captions.edit(NAME, "typed")
    session.open_project(make_project("other"))
    assert path.read_text() == "typed"
    assert not (path.parent.parent / ".bespoke" / "lock").exists()


def test_reading_the_folder_again_keeps_edits(keeper, session, path):
    session.settings.autosave = False
    session.captions.edit(NAME, "typed")
    session.rescan()
    assert session.captions.left_over[NAME].text == "typed"
