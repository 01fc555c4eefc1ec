"""Pairs in the window: each act on files is one step that Ctrl+Z takes back, texts and all."""

import shutil
from pathlib import Path

import pytest

from bespoke_gui.core.history import History
from bespoke_gui.core.pairs.bin import trash_folder
from bespoke_gui.core.project import open_project
from bespoke_gui.qtmodels.pairs import PairsModel
from tests.core._packages import write_image, write_pairs


@pytest.fixture
def bin_folder(tmp_path, monkeypatch):
    """A system bin of the test's own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    (tmp_path / "share").mkdir()
    return tmp_path / "share" / "Trash"


@pytest.fixture
def no_bin(tmp_path, monkeypatch):
    """A system without a bin."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nowhere"))


@pytest.fixture
def pairs(session):
    return PairsModel(session, session)


def files(session) -> dict[str, bytes]:
    folder = session.project.folder / "dataset"
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def names(session) -> list[str]:
    assert [item.name for item in session.dataset.items] == session.captions.names()
    return session.captions.names()


def test_exclude_and_undo(pairs, session):
    stack = session.captions.undo_stack
    pairs.exclude(["lad_001.png", "lad_002.png"])
    assert [i.name for i in session.dataset.items if i.excluded] == ["lad_001.png", "lad_002.png"]
    assert stack.undoText() == "exclude 2 images"
    assert "nothing is deleted" in session.told[-1][1]
    assert session.told[-1][1].startswith("2 images excluded")
    pairs.toggle(["lad_001.png"])
    assert session.told[-1][1].startswith("lad_001.png included")
    assert not pairs.is_excluded("lad_001.png")
    stack.undo()
    assert pairs.is_excluded("lad_001.png")
    stack.undo()
    assert not any(item.excluded for item in session.dataset.items)
    assert "excluded.txt" not in files(session)
    stack.redo()
    assert pairs.is_excluded("lad_002.png")


def test_rename_carries_edits_and_undo_takes_back_one_thing_after_the_other(pairs, session):
    store, before = session.captions, files(session)
    first = store.text("lad_001.png")
    store.edit("lad_001.png", first + ", smiling")
    shown = []
    pairs.show_wanted.connect(shown.append)
    pairs.rename("lad_001.png", "hero")
    assert shown == ["hero.png"]
    assert names(session) == ["hero.png", "lad_002.png", "lady_001.png", "lady_002.png"]
    assert store.text("hero.png") == first + ", smiling"
    assert files(session)["hero.txt"].decode() == first + ", smiling"
    store.edit("hero.png", "something else")
    store.undo_stack.undo()
    assert store.text("hero.png") == first + ", smiling"
    store.undo_stack.undo()
    assert "lad_001.png" in names(session)
    assert store.text("lad_001.png") == first + ", smiling"
    store.undo_stack.undo()
    assert store.text("lad_001.png") == first
    store.save(store.unsaved(), lambda report: None)
    assert files(session) == before
    store.undo_stack.redo()
    store.undo_stack.redo()
    store.undo_stack.redo()
    assert store.text("hero.png") == "something else"


def test_a_rename_that_cannot_be_is_told_and_leaves_no_step(pairs, session):
    before = files(session)
    count = session.captions.undo_stack.count()
    pairs.rename("lad_001.png", "LAD_002")
    assert session.told[-1][0] == "error"
    assert "there is already lad_002.png" in session.told[-1][1]
    assert files(session) == before
    assert session.captions.undo_stack.count() == count
    assert not pairs.is_busy
    pairs.rename("lad_001.png", "fine")
    assert "fine.png" in names(session)


def test_remove_goes_to_the_bin_of_the_system_and_comes_back(pairs, session, bin_folder):
    before = files(session)
    session.captions.edit("lady_001.png", "typed just now")
    pairs.exclude(["lady_001.png"])
    pairs.remove(["lady_001.png", "lad_001.png"])
    assert names(session) == ["lad_002.png", "lady_002.png"]
    gone = sorted(p.name for p in (bin_folder / "files").iterdir())
    assert gone == ["lad_001.png", "lad_001.txt", "lady_001.png", "lady_001.txt"]
    assert not trash_folder(session.project.folder).exists()
    assert "the bin" in session.told[-1][1]
    session.captions.undo_stack.undo()
    assert names(session) == ["lad_001.png", "lad_002.png", "lady_001.png", "lady_002.png"]
    assert pairs.is_excluded("lady_001.png")
    assert session.captions.text("lady_001.png") == "typed just now"
    assert not list((bin_folder / "files").iterdir())
    assert not list((bin_folder / "info").iterdir())
    session.captions.undo_stack.undo()
    session.captions.undo_stack.undo()
    session.captions.save(session.captions.unsaved(), lambda report: None)
    assert files(session) == before


def test_without_a_bin_it_is_our_own_and_that_is_told(pairs, session, no_bin):
    before = files(session)
    pairs.remove(["lad_001.png"])
    assert ".bespoke/trash" in session.told[-1][1]
    assert "lad_001.png" not in files(session)
    session.captions.undo_stack.undo()
    assert files(session) == before


def test_undo_that_cannot_be_is_told_and_leaves_the_stack(pairs, session, no_bin):
    pairs.remove(["lad_001.png"])
    write_image(session.project.folder / "dataset" / "lad_001.png", (5, 5))
    before = files(session)
    session.captions.undo_stack.undo()
    assert "there is another file" in session.told[-1][1]
    assert files(session) == before
    assert not session.captions.undo_stack.canUndo()


def test_add_files_and_folders(pairs, session, tmp_path):
    before = files(session)
    new = write_pairs(tmp_path / "new", ("a", "lad_001"), (24, 24))
    shutil.copy(session.project.folder / "dataset" / "lad_002.png", new / "twin.png")
    shown = []
    pairs.show_wanted.connect(shown.append)
    pairs.add([new, tmp_path / "gone.png"])
    assert shown == ["a.png"]
    assert "lad_001_2.png" in names(session)
    level, text, details = session.told[-1]
    assert level == "warning"
    assert text.startswith("Added 2 images, 2 captions. 1 left out")
    assert "twin.png is the same as lad_002.png" in details
    session.captions.undo_stack.undo()
    assert files(session) == before
    session.captions.undo_stack.redo()
    assert {"a.png", "lad_001_2.txt"} < set(files(session))


def test_a_second_folder_puts_names_behind_it_and_everything_follows(pairs, session, tmp_path):
    store = session.captions
    store.edit("lad_001.png", "typed")
    with History(session.project.folder) as history:
        history.record("lad_001.png", "long ago")
    more = write_pairs(tmp_path / "3_more", ("m",))
    read = []
    pairs.folders_read.connect(read.append)
    pairs.add_folder(more)
    assert "dataset/lad_001.png" in names(session)
    assert store.text("dataset/lad_001.png") == "typed"
    assert [f.repeats for f in read[-1].folders] == [1, 3]
    assert read[-1].images_per_epoch == 4 + 3
    pairs.change_folder(more, repeats=2)
    assert read[-1].images_per_epoch == 4 + 2
    pairs.exclude(["3_more/m.png"])
    store.undo_stack.undo()
    store.undo_stack.undo()
    store.undo_stack.undo()
    assert "lad_001.png" in names(session)
    assert store.text("lad_001.png") == "typed"
    assert open_project(session.project.folder).dataset_dirs == [
        (session.project.folder / "dataset", 1)
    ]
    with History(session.project.folder) as history:
        assert "long ago" in [version.text for version in history.texts("lad_001.png")]


def test_regularisation_does_not_show_among_the_captions(pairs, session, tmp_path):
    more = write_pairs(tmp_path / "person", ("m", "n"))
    pairs.add_folder(more, regularisation=True)
    assert len(names(session)) == 4
    pairs.remove_folder(more)
    assert open_project(session.project.folder).reg_dirs == []
    assert Path(more).is_dir()


def test_read_only_windows_change_no_files(pairs, session):
    before = files(session)
    session.captions.make_read_only("another window has it.")
    told = []
    session.captions.refused.connect(told.append)
    pairs.exclude(["lad_001.png"])
    pairs.rename("lad_001.png", "x")
    assert told == ["another window has it."] * 2
    assert files(session) == before


def test_on_real_threads(pairs, session, qtbot, threaded_tasks, no_bin):
    pairs.rename("lad_001.png", "hero")
    qtbot.waitUntil(lambda: not pairs.is_busy)
    pairs.remove(["hero.png"])
    qtbot.waitUntil(lambda: not pairs.is_busy)
    stack = session.captions.undo_stack
    stack.undo()
    stack.undo()
    assert "lad_001.png" in names(session)
    stack.redo()
    assert "hero.png" in names(session)
