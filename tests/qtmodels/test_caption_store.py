import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bespoke_gui.core import captions
from bespoke_gui.qtmodels.caption_journal import Entry, Journal
from bespoke_gui.qtmodels.caption_model import CaptionStore

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=30)


@pytest.fixture
def folder(tmp_path):
    for name, text in {"a": "first", "b": "second", "c": ""}.items():
        (tmp_path / f"{name}.txt").write_bytes(text.encode())
    return tmp_path


@pytest.fixture
def store(qapp, folder):
    made = CaptionStore()
    load(made, folder)
    yield made
    made.deleteLater()


def load(store, folder, journal=None):
    names = ("a", "b", "c", "missing")
    read = {f"{n}.png": captions.read(folder / f"{n}.txt") for n in names}
    store.load(read, journal)


def save(store, *names):
    reports = []
    store.save(names or store.unsaved(), reports.append)
    return reports[0]


def test_edit_marks_unsaved_and_undo_takes_it_back(store):
    store.edit("a.png", "first, more")
    assert store.unsaved() == ["a.png"]
    store.undo_stack.undo()
    assert store.text("a.png") == "first"
    assert store.unsaved() == []
    store.undo_stack.redo()
    assert store.text("a.png") == "first, more"


def test_typing_is_one_step_until_a_separator(store):
    for text in ("f", "fi", "fin", "fine, ", "fine, x", "fine, xy"):
        store.edit("a.png", text, typing=True)
    store.undo_stack.undo()
    assert store.text("a.png") == "fine, "
    store.undo_stack.undo()
    assert store.text("a.png") == "first"


def test_typing_in_another_caption_is_a_step_of_its_own(store):
    store.edit("a.png", "x", typing=True)
    store.edit("b.png", "y", typing=True)
    assert store.undo_stack.count() == 2


def test_typing_back_to_the_old_text_leaves_no_step(store):
    store.edit("a.png", "firs", typing=True)
    store.edit("a.png", "first", typing=True)
    assert store.undo_stack.count() == 0
    assert store.unsaved() == []


def test_save_writes_only_what_changed(store, folder):
    before = (folder / "b.txt").stat().st_mtime_ns
    store.edit("a.png", "new")
    report = save(store)
    assert report.saved == ["a.png"]
    assert (folder / "a.txt").read_bytes() == b"new"
    assert (folder / "b.txt").stat().st_mtime_ns == before
    assert store.unsaved() == []


def test_save_makes_a_missing_caption(store, folder):
    assert store.texts()["missing.png"] is None
    store.edit("missing.png", "now there")
    assert save(store).is_complete
    assert (folder / "missing.txt").read_text() == "now there"


def test_text_with_a_last_line_end_counts_as_saved(store):
    store.edit("a.png", "two\nlines\n")
    assert save(store).is_complete
    assert store.unsaved() == []


def test_a_file_changed_meanwhile_is_never_overwritten(store, folder):
    store.edit("a.png", "mine")
    (folder / "a.txt").write_text("theirs")
    report = save(store)
    assert report.conflicts == ["a.png"]
    assert not report.is_complete
    assert (folder / "a.txt").read_text() == "theirs"
    assert store.unsaved() == ["a.png"]


def test_overwrite_keeps_mine(store, folder):
    store.edit("a.png", "mine")
    (folder / "a.txt").write_text("theirs")
    reports = []
    store.overwrite(["a.png"], reports.append)
    assert reports[0].saved == ["a.png"]
    assert (folder / "a.txt").read_text() == "mine"


def test_reload_takes_theirs_and_undo_brings_mine_back(store, folder):
    store.edit("a.png", "mine")
    (folder / "a.txt").write_text("theirs")
    store.reload(["a.png"])
    assert store.text("a.png") == "theirs"
    assert store.unsaved() == []
    store.undo_stack.undo()
    assert store.text("a.png") == "mine"
    assert store.unsaved() == ["a.png"]
    assert save(store).is_complete


def test_changes_of_other_programs_are_taken_unless_edited(store, folder):
    store.edit("b.png", "mine")
    (folder / "a.txt").write_text("theirs")
    (folder / "b.txt").write_text("theirs too")
    told = []
    store.take_changes_from_disk(told.append)
    assert told == [["a.png"]]
    assert store.text("a.png") == "theirs"
    assert store.text("b.png") == "mine"
    assert store.unsaved() == ["b.png"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_rights_fails_with_words(store, folder):
    store.edit("a.png", "new")
    folder.chmod(0o500)
    report = save(store)
    folder.chmod(0o700)
    assert "a.txt" in str(report.failed["a.png"])


def test_failing_write_keeps_the_edit(store, folder, monkeypatch):
    def refuse(path, data, check=None):
        raise captions.AppError("the disk is full", file=path, kind="disk_full")

    monkeypatch.setattr(captions.atomic, "write_bytes", refuse)
    store.edit("a.png", "new")
    report = save(store)
    assert "the disk is full" in str(report.failed["a.png"])
    assert store.unsaved() == ["a.png"]


def test_journal_brings_unsaved_text_back(store, folder, tmp_path):
    journal = Journal(tmp_path / "journal")
    load(store, folder, journal)
    store.edit("a.png", "typed, not saved")
    store.flush_journal()
    later = CaptionStore()
    load(later, folder, Journal(tmp_path / "journal"))
    assert later.left_over["a.png"].text == "typed, not saved"
    assert later.text("a.png") == "first"
    assert later.restore_left_over() == ["a.png"]
    assert later.text("a.png") == "typed, not saved"
    assert later.unsaved() == ["a.png"]


def test_journal_is_written_by_itself(store, folder, tmp_path, qtbot):
    journal = Journal(tmp_path / "journal")
    load(store, folder, journal)
    store.edit("a.png", "typed")
    qtbot.waitUntil(lambda: "a.png" in journal.read())


def test_saved_text_leaves_the_journal(store, folder, tmp_path):
    journal = Journal(tmp_path / "journal")
    load(store, folder, journal)
    store.edit("a.png", "typed")
    store.flush_journal()
    assert save(store).is_complete
    store.flush_journal()
    assert journal.read() == {}
    assert not journal.path.exists()


def test_undecided_left_over_stays_in_the_journal(store, folder, tmp_path):
    journal = Journal(tmp_path / "journal")
    journal.write({"a.png": Entry("from before", None)}, 1)
    load(store, folder, Journal(tmp_path / "journal"))
    store.edit("b.png", "new work")
    store.flush_journal()
    assert set(journal.read()) == {"a.png", "b.png"}


def test_discarded_edits_are_gone_everywhere(store, folder, tmp_path):
    journal = Journal(tmp_path / "journal")
    load(store, folder, journal)
    store.edit("a.png", "typed")
    store.flush_journal()
    store.discard_edits()
    assert store.text("a.png") == "first"
    assert journal.read() == {}


def test_older_journal_never_replaces_a_newer(tmp_path):
    journal = Journal(tmp_path)
    journal.write({"a": Entry("new", None)}, 2)
    journal.write({"a": Entry("old", None)}, 1)
    assert journal.read()["a"].text == "new"


def test_unreadable_journal_is_put_aside(tmp_path):
    journal = Journal(tmp_path)
    journal.path.write_text("{ half")
    assert journal.read() == {}
    assert journal.path.with_suffix(".unreadable").read_text() == "{ half"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.tuples(st.sampled_from(["a", "b", "undo", "redo", "save"]), TEXT)))
def test_disk_always_holds_a_state_the_person_saw(store, folder, steps):
    load(store, folder)
    seen = {"a": {store.text("a.png")}, "b": {store.text("b.png")}}
    for action, text in steps:
        if action == "save":
            save(store)
        elif action in ("undo", "redo"):
            getattr(store.undo_stack, action)()
        else:
            store.edit(f"{action}.png", text, typing=len(text) % 2 == 0)
        for name, texts in seen.items():
            texts.add(store.text(f"{name}.png"))
            on_disk = captions.read(folder / f"{name}.txt").text
            assert (
                on_disk
                in {captions.textcodec.LINE_END.sub("\n", t).rstrip("\n") for t in texts} | texts
            )
