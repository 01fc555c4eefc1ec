"""Change set: any two states compared, distinct changes, reverts as one step that can be undone."""

import pytest

from bespoke_gui.core import project as projects
from bespoke_gui.core.history import History
from bespoke_gui.qtmodels.caption_changes import ChangeSet
from bespoke_gui.qtmodels.caption_sides import Side, folder_side, now_side, snapshot_side
from bespoke_gui.qtmodels.snapshots import SnapshotDesk, edit_after_snapshot

NAMES = ["lad_001.png", "lad_002.png", "lady_001.png", "lady_002.png"]


@pytest.fixture
def changes(session):
    made = ChangeSet(session)
    made.set_active(True)
    texts = session.captions.texts()
    session.captions.edit_many({name: f"{texts[name]}, sharp" for name in NAMES}, "rules: end")
    made.compare(snapshot_side("before"), now_side())
    return made


def keys(changes):
    return [(change.op, change.before, change.after, change.count) for change in changes.changes()]


def test_a_change_in_many_captions_is_one_row(changes):
    assert keys(changes) == [
        ("insert", "", ", sharp", 3),
        ("replace", "smiling with moustache", "sharp", 1),
    ]
    totals = changes.totals()
    assert (totals.captions, totals.changed, totals.lossy, totals.words) == (4, 4, 1, 2)
    assert changes.changed_names(lossy=True) == ["lad_001.png"]


def test_two_snapshots_a_folder_and_the_files_are_sides(changes, session, tmp_path):
    changes.compare(Side(), now_side())
    assert keys(changes) == [("insert", "", ", sharp", 4)]
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "lad_002.txt").write_text("old words")
    changes.compare(folder_side(folder), snapshot_side("before"))
    assert changes.diff("lad_002.png").lost == ["old", "words"]
    assert changes.diff("lady_001.png").status == "added"
    assert not changes.can_revert
    changes.revert_captions(NAMES)
    assert session.captions.undo_stack.index() == 1


def test_a_side_that_cannot_be_read_leaves_what_was_there(changes, session, tmp_path):
    changes.compare(folder_side(tmp_path / "nothing"), now_side())
    assert session.told[-1][0] == "error"
    assert changes.before == snapshot_side("before")
    assert not changes.is_busy


def test_revert_in_all_is_one_step_after_a_snapshot(changes, session, qtbot):
    before = session.captions.texts()
    with qtbot.waitSignal(changes.edited):
        changes.revert_change(changes.changes()[0])
    assert keys(changes) == [("replace", "smiling with moustache", "sharp", 1)]
    with History(session.project.folder) as history:
        (automatic,) = [s for s in history.snapshots() if s.automatic]
        assert history.load(automatic.name, NAMES) == before
    with qtbot.waitSignal(changes.edited):
        session.captions.undo_stack.undo()
    assert session.captions.texts() == before
    assert keys(changes)[0][3] == 3


def test_revert_in_some(changes, session):
    changes.revert_change(changes.changes()[0], ["lad_002.png"])
    assert not session.captions.text("lad_002.png").endswith("sharp")
    assert session.captions.text("lady_001.png").endswith("sharp")


def test_revert_the_whole_set_and_one_piece(changes, session):
    number = next(p.id for p in changes.diff("lad_001.png").pieces if p.id)
    changes.revert_pieces("lad_001.png", [number])
    assert session.captions.text("lad_001.png").endswith("smiling with moustache")
    changes.revert_phrase("lad_002.png", len(session.captions.text("lad_002.png")) - 1)
    assert not session.captions.text("lad_002.png").endswith("sharp")
    changes.revert_captions(NAMES)
    with History(session.project.folder) as history:
        assert session.captions.texts() == history.load("before", NAMES)
    session.captions.undo_stack.undo()
    assert session.captions.text("lady_001.png").endswith("sharp")


def test_edits_are_followed_only_while_somebody_looks(changes, session, qtbot):
    changes.set_active(False)
    session.captions.edit("lad_002.png", "new words")
    assert changes.diff("lad_002.png").after.endswith("sharp")
    changes.set_active(True)
    assert changes.diff("lad_002.png").after == "new words"
    with qtbot.waitSignal(changes.edited):
        session.captions.edit("lad_002.png", "other words")
    assert changes.diff("lad_002.png").after == "other words"


def test_the_files_follow_a_save(changes, session, qtbot):
    changes.compare(Side(), now_side())
    with qtbot.waitSignal(changes.edited):
        session.captions.save(NAMES, lambda report: None)
    assert changes.totals().changed == 0


def test_accepted_changes_are_remembered(changes, session):
    row = changes.changes()[0]
    changes.accept([row])
    assert changes.is_accepted(row)
    again = ChangeSet(session)
    again.compare(snapshot_side("before"), now_side())
    assert again.is_accepted(again.changes()[0])
    again.accept([row], accepted=False)
    assert not again.is_accepted(row)


def test_a_comparison_can_be_cancelled(session, threaded_tasks, qtbot):
    changes = ChangeSet(session)
    changes.compare(snapshot_side("before"), now_side())
    assert changes.is_busy
    changes.cancel()
    assert not changes.is_busy
    changes.compare(snapshot_side("before"), now_side())
    with qtbot.waitSignal(changes.updated):
        pass
    assert changes.totals().changed == 1


def test_nothing_is_changed_without_its_snapshot(session, monkeypatch):
    def refuse(*_, **__):
        raise OSError("full")

    monkeypatch.setattr(History, "snapshot", refuse)
    texts = session.captions.texts()
    edit_after_snapshot(session, dict.fromkeys(NAMES, "x"), "test")
    assert session.captions.texts() == texts
    edit_after_snapshot(session, {"lad_001.png": "x"}, "test")
    assert session.captions.text("lad_001.png") == "x"


def test_snapshots_are_made_renamed_noted_and_deleted(session):
    desk = SnapshotDesk(session)
    desk.make("mine", "a note")
    assert [(s.name, s.note) for s in desk.snapshots] == [("mine", "a note"), ("before", "")]
    desk.rename("mine", "ours")
    desk.annotate("ours", "better")
    assert desk.find("ours").note == "better"
    desk.rename("ours", "before")
    assert session.told[-1][0] == "error"
    desk.delete("ours")
    assert [s.name for s in desk.snapshots] == ["before"]


def test_a_snapshot_is_restored_as_one_step(session):
    desk = SnapshotDesk(session)
    texts = session.captions.texts()
    session.captions.edit_many({"lad_001.png": "x", "lad_002.png": "y"}, "test")
    desk.restore("before")
    assert session.captions.text("lad_001.png").endswith("smiling with moustache")
    assert session.captions.text("lad_002.png") == texts["lad_002.png"]
    assert "2 captions are as in" in session.told[-1][1]
    session.captions.undo_stack.undo()
    assert session.captions.text("lad_002.png") == "y"
    assert len([s for s in desk.snapshots if s.automatic]) == 1


@pytest.mark.punks
def test_the_real_set_goes_back_as_one_step(empty_session, tmp_path, punks):
    folder = tmp_path / "punks"
    projects.create_project(folder, punks / "train_512px", punks / "captions_after")
    empty_session.open_project(folder)
    changes = ChangeSet(empty_session)
    changes.compare(folder_side(punks / "captions_before"), now_side())
    first = changes.changes()[0]
    assert (first.count, first.after) == (203, ", hard color borders, sharp pixel edges")
    assert (changes.totals().lossy, len(changes.changed_names())) == (52, 203)
    changes.revert_captions(changes.changed_names())
    store = empty_session.captions
    for name in store.names():
        path = punks / "captions_before" / f"{name.rsplit('.', 1)[0]}.txt"
        assert store.text(name) == path.read_text().rstrip("\n")
    store.undo_stack.undo()
    assert store.unsaved() == []
