import os
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bespoke_gui.core import captions
from bespoke_gui.qtmodels import caption_journal, caption_model
from bespoke_gui.qtmodels.caption_journal import Entry, Journal
from bespoke_gui.qtmodels.caption_model import CaptionStore
from bespoke_gui.qtmodels.caption_undo import WholeTexts, span

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


def test_a_large_save_is_taken_over_in_pieces_in_order(store, folder, qtbot, monkeypatch):
    monkeypatch.setattr(caption_model, "SAVED_PIECE", 2)
    told, reports = [], []
    store.saved.connect(told.append)
    store.edit_many({"a.png": "one", "b.png": "two", "c.png": "three"}, "three")
    store.save(store.unsaved(), reports.append)
    store.edit("c.png", "three, typed meanwhile")
    assert (told, reports) == ([["a.png", "b.png"]], [])
    qtbot.waitUntil(lambda: bool(reports))
    assert told == [["a.png", "b.png"], ["c.png"]]
    assert reports[0].saved == ["a.png", "b.png", "c.png"]
    assert store.unsaved() == ["c.png"]
    assert (folder / "c.txt").read_text() == "three"
    assert save(store).saved == ["c.png"]
    assert (folder / "c.txt").read_text() == "three, typed meanwhile"


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
    def refuse(path, *_, **__):
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
    journal.write(journal.note({"a.png": Entry("from before", None)}))
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


def test_older_record_never_replaces_a_newer(tmp_path):
    journal = Journal(tmp_path)
    older = journal.note({"a": Entry("old", None), "b": Entry("b", None)})
    newer = journal.note({"a": Entry("new", None)})
    journal.write(newer)
    journal.write(older)
    assert {n: e.text for n, e in journal.read().items()} == {"a": "new", "b": "b"}
    journal.write(journal.note({"a": None, "b": None}))
    journal.write(older)
    assert journal.read() == {}


def test_half_a_line_at_the_end_is_passed_over(tmp_path):
    journal = Journal(tmp_path)
    journal.write(journal.note({"a": Entry("whole", "x")}))
    with journal.path.open("ab") as file:
        file.write(b'{"n": 2, "name": "a", "te')
    assert journal.read() == {"a": Entry("whole", "x")}
    assert list(tmp_path.iterdir()) == [journal.path]


def test_a_damaged_journal_gives_what_it_can_and_is_kept(tmp_path):
    journal = Journal(tmp_path)
    journal.write(journal.note({"a": Entry("one", None)}))
    with journal.path.open("ab") as file:
        file.write(b"\0\0\0\0\n")
    journal.write(journal.note({"b": Entry("two", None)}))
    damaged = journal.path.read_bytes()
    assert set(journal.read()) == {"a", "b"}
    (aside,) = tmp_path.glob("damaged-*")
    assert aside.read_bytes() == damaged


def test_a_journal_that_grows_is_written_anew_with_what_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(caption_journal, "COMPACT_ABOVE", 2000)
    journal = Journal(tmp_path)
    for number in range(300):
        journal.write(journal.note({"a": Entry(f"text {number}", None)}))
        journal.sync()
        assert journal.path.stat().st_size < 3000
        assert journal.read()["a"].text == f"text {number}"


def test_a_window_that_goes_on_writing_is_read_too(tmp_path):
    old, new = Journal(tmp_path), Journal(tmp_path)
    old.write(old.note({"a": Entry("before", None)}))
    new.begin({}, {})
    assert new.read() == {}
    old.write(old.note({"a": Entry("typed in the old window", None)}))
    new.write(new.note({"b": Entry("typed in the new one", None)}))
    assert {n: e.text for n, e in Journal(tmp_path).read().items()} == {
        "a": "typed in the old window",
        "b": "typed in the new one",
    }


def test_every_keystroke_is_in_the_journal_at_once(store, folder, tmp_path):
    journal = Journal(tmp_path / "journal")
    load(store, folder, journal)
    for end in range(1, 20):
        text = "a long text with words"[:end]
        store.edit("a.png", text, typing=True)
        assert journal.read()["a.png"].text == text
    store.undo_stack.undo()
    assert journal.read() == {}


def test_a_journal_that_cannot_be_written_is_told_once(store, folder, tmp_path):
    (tmp_path / "journal").write_text("no folder")
    told = []
    store.journal_failed.connect(told.append)
    load(store, folder, Journal(tmp_path / "journal"))
    store.edit("a.png", "one")
    store.edit("a.png", "two")
    assert len(told) == 1
    assert store.text("a.png") == "two"


def test_left_over_survives_a_second_crash_and_a_new_edit(store, folder, tmp_path):
    place = tmp_path / "journal"
    journal = Journal(place)
    journal.write(journal.note({"a.png": Entry("first crash", None)}))
    load(store, folder, Journal(place))
    assert store.left_over["a.png"].text == "first crash"
    store.edit("b.png", "second crash")
    load(store, folder, Journal(place))
    assert {n: e.text for n, e in store.left_over.items()} == {
        "a.png": "first crash",
        "b.png": "second crash",
    }
    store.edit("a.png", "third crash")
    load(store, folder, Journal(place))
    assert store.left_over["a.png"].text == "third crash"
    assert "first crash" in (place / "discarded.jsonl").read_text()
    store.restore_left_over()
    assert (store.text("a.png"), store.text("b.png")) == ("third crash", "second crash")
    load(store, folder, Journal(place))
    assert set(store.left_over) == {"a.png", "b.png"}


def test_what_is_discarded_is_kept_aside(store, folder, tmp_path):
    place = tmp_path / "journal"
    load(store, folder, Journal(place))
    store.edit("a.png", "unwanted one")
    load(store, folder, Journal(place))
    store.discard_left_over()
    load(store, folder, Journal(place))
    assert store.left_over == {}
    store.edit("b.png", "unwanted two")
    store.discard_edits()
    kept = (place / "discarded.jsonl").read_text()
    assert "unwanted one" in kept
    assert "unwanted two" in kept


def test_a_left_over_of_an_image_that_is_not_there_is_kept_aside(store, folder, tmp_path):
    journal = Journal(tmp_path / "journal")
    journal.write(journal.note({"excluded.png": Entry("words", None)}))
    load(store, folder, Journal(tmp_path / "journal"))
    assert store.left_over == {}
    assert "words" in (tmp_path / "journal" / "discarded.jsonl").read_text()


def merging(store, folder, mine="first, mine", theirs="theirs, first"):
    store.edit("a.png", mine)
    (folder / "a.txt").write_text(theirs)


def test_a_save_merges_what_another_program_wrote(store, folder):
    merging(store, folder)
    report = save(store)
    assert report.is_complete
    assert report.saved == ["a.png"]
    assert (folder / "a.txt").read_text() == "theirs, first, mine"
    store.undo_stack.undo()
    assert store.text("a.png") == "first, mine"
    assert save(store).is_complete
    assert (folder / "a.txt").read_text() == "first, mine"


def test_an_edited_caption_is_merged_when_the_change_is_noticed(store, folder):
    told = []
    store.taken_from_disk.connect(lambda *names: told.append(names))
    merging(store, folder)
    (folder / "b.txt").write_text("b theirs")
    store.take_changes_from_disk()
    assert told == [(["b.png"], ["a.png"])]
    assert store.text("a.png") == "theirs, first, mine"
    assert store.text("b.png") == "b theirs"
    assert store.unsaved() == ["a.png"]
    store.undo_stack.undo()
    assert (store.text("a.png"), store.text("b.png")) == ("first, mine", "second")


def test_a_clash_waits_for_a_person_and_is_never_saved(store, folder):
    merging(store, folder, "mine", "theirs")
    for _ in range(2):
        store.take_changes_from_disk()
    clash = store.clashes["a.png"]
    assert (clash.base, clash.mine, clash.theirs.text) == ("first", "mine", "theirs")
    assert save(store).conflicts == ["a.png"]
    assert (folder / "a.txt").read_text() == "theirs"
    store.settle("a.png", clash.merged.text)
    assert store.clashes == {}
    assert save(store).is_complete
    assert (folder / "a.txt").read_text() == "mine, theirs"
    store.undo_stack.undo()
    assert store.text("a.png") == "mine"


def test_a_clash_is_about_the_text_as_it_is_now(store, folder):
    merging(store, folder, "mine", "theirs")
    store.take_changes_from_disk()
    store.edit("a.png", "mine, and more")
    assert store.clashes["a.png"].mine == "mine, and more"
    store.settle("a.png", store.clashes["a.png"].mine)
    assert save(store).is_complete
    assert (folder / "a.txt").read_text() == "mine, and more"


def test_settling_with_their_text_leaves_nothing_to_save(store, folder):
    merging(store, folder, "mine", "theirs")
    save(store)
    store.settle("a.png", "theirs")
    assert store.unsaved() == []


def test_discarding_my_side_of_a_clash_takes_theirs(store, folder):
    merging(store, folder, "mine", "theirs")
    store.take_changes_from_disk()
    store.discard_edits()
    assert (store.text("a.png"), store.unsaved()) == ("theirs", [])


def test_a_clash_ends_when_the_edit_is_undone(store, folder):
    merging(store, folder, "mine", "theirs")
    store.take_changes_from_disk()
    store.undo_stack.undo()
    store.take_changes_from_disk()
    assert store.clashes == {}
    assert store.text("a.png") == "theirs"


def test_images_of_one_stem_share_their_caption(store, folder):
    read = {n: captions.read(folder / "a.txt") for n in ("a.png", "a.JPG")}
    store.load(read)
    store.edit("a.JPG", "both")
    assert store.text("a.png") == "both"
    assert save(store).is_complete
    assert store.unsaved() == []
    store.undo_stack.undo()
    assert (store.text("a.png"), store.text("a.JPG")) == ("first", "first")
    assert save(store).is_complete
    assert (folder / "a.txt").read_text() == "first"


def test_read_only_refuses_edits_and_follows_the_disk(store, folder):
    refused = []
    store.refused.connect(refused.append)
    store.load({"a.png": captions.read(folder / "a.txt")}, read_only="open elsewhere")
    store.edit("a.png", "mine")
    assert (store.text("a.png"), refused) == ("first", ["open elsewhere"])
    (folder / "a.txt").write_text("theirs")
    store.take_changes_from_disk()
    assert store.text("a.png") == "theirs"
    assert len(refused) == 1


def test_a_window_that_lost_the_project_writes_nothing_more(store, folder, tmp_path):
    load(store, folder, Journal(tmp_path / "journal"))
    store.edit("a.png", "typed")
    store.make_read_only("another window has it")
    assert store.unsaved() == []
    assert not store.undo_stack.canUndo()
    store.edit("a.png", "more")
    assert save(store, "a.png").saved == []
    assert Journal(tmp_path / "journal").read()["a.png"].text == "typed"


def test_saves_run_one_after_the_other_and_keep_later_edits(
    store, folder, threaded_tasks, qtbot, monkeypatch
):
    real = captions.atomic.write_bytes

    def slowly(*args, **kwargs):
        time.sleep(0.05)
        real(*args, **kwargs)

    monkeypatch.setattr(captions.atomic, "write_bytes", slowly)
    reports = []
    for text in ("one", "two", "three"):
        store.edit("a.png", text)
        store.save(["a.png"], reports.append)
        qtbot.wait(10)
    assert store.unsaved() == ["a.png"]
    qtbot.waitUntil(lambda: len(reports) == 3)
    assert all(report.is_complete for report in reports)
    assert (folder / "a.txt").read_text() == "three"
    assert store.unsaved() == []


def test_an_unforeseen_error_in_a_save_is_told_and_does_not_stop_later_ones(
    store, folder, monkeypatch
):
    real = captions.atomic.write_bytes
    monkeypatch.setattr(captions.atomic, "write_bytes", lambda *_, **__: 1 / 0)
    store.edit("a.png", "new")
    assert "ZeroDivisionError" in str(save(store).failed["a.png"])
    monkeypatch.setattr(captions.atomic, "write_bytes", real)
    assert save(store).is_complete


def made(folder, count):
    return {
        f"{n}.png": captions.Caption(folder / f"{n}.txt", f"text of {n} " * 20)
        for n in range(count)
    }


def test_older_bulk_steps_hold_little_and_all_go_both_ways(store, folder, monkeypatch):
    store.load(made(folder, 2000))
    monkeypatch.setattr(store, "_whole", WholeTexts(most=1_000_000))
    states = [store.texts()]
    for word in ("caption", "phrase", "note"):
        new = {n: t.replace(t.split()[0], word, 1) for n, t in store.texts().items()}
        store.edit_many(new, f"rule {word}")
        states.append(store.texts())
    steps = [store.undo_stack.command(number).changes for number in range(3)]
    assert [step.is_whole for step in steps] == [False, False, True]
    assert all(step.size() < 60_000 for step in steps[:2])
    for state in reversed(states[:3]):
        store.undo_stack.undo()
        assert store.texts() == state
    for state in states[1:]:
        store.undo_stack.redo()
        assert store.texts() == state


def test_a_text_that_changed_without_a_step_is_left_alone_by_a_bulk_step(store, folder):
    store.load(made(folder, 300))
    store.edit_many(dict.fromkeys(store.names(), "all the same"), "rule")
    store._texts["7.png"] = "not by a step"
    store.undo_stack.undo()
    assert store.text("7.png") == "not by a step"
    assert store.text("8.png") == "text of 8 " * 20


def test_many_edits_are_in_the_journal_a_moment_later_and_before_the_end(store, folder, qtbot):
    texts = made(folder, 1200)
    journal = Journal(folder / "journal")
    store.load(texts, journal)
    store.edit_many(dict.fromkeys(texts, "new"), "rule")
    qtbot.waitUntil(lambda: len(Journal(folder / "journal").read()) == 1200, timeout=10_000)
    store.undo_stack.undo()
    store.edit_many(dict.fromkeys(texts, "newer"), "rule")
    store.flush_journal()
    kept = Journal(folder / "journal").read()
    assert {entry.text for entry in kept.values()} == {"newer"}
    assert len(kept) == 1200


def test_images_of_one_stem_share_their_caption_among_many(store, folder):
    texts = made(folder, 200)
    shared = captions.Caption(folder / "x.txt", "one")
    store.load({**texts, "x.jpg": shared, "x.png": shared})
    store.edit_many({name: "new" for name in store.names() if name != "x.png"}, "rule")
    assert store.text("x.png") == "new"
    report = save(store)
    assert ("x.jpg" in report.saved) != ("x.png" in report.saved)
    assert not store.is_unsaved("x.jpg")
    assert not store.is_unsaved("x.png")
    store.undo_stack.undo()
    assert store.text("x.png") == "one"


@given(before=TEXT, after=TEXT, other=TEXT)
def test_a_span_goes_both_ways_and_leaves_other_texts_alone(before, after, other):
    found = span(before, after)
    assert found.forward(before) == after
    assert found.backward(after) == before
    assert found.forward(other) is None or other == before
    assert found.backward(other) is None or other == after
    if before and after and before[0] == after[0]:
        assert found.at > 0


def test_undo_never_garbles_a_text_that_changed_without_a_step(store, folder):
    store.edit("a.png", "first, and more")
    store.edit("b.png", "second, and more")
    (folder / "a.txt").write_text("another text altogether")
    read = {n: captions.read(folder / f"{n[0]}.txt") for n in ("a.png", "b.png")}
    store._unsaved.discard("a.png")
    store.reconcile(read)
    store.undo_stack.undo()
    store.undo_stack.undo()
    assert store.text("a.png") == "another text altogether"
    assert store.text("b.png") == "second"


def test_an_error_in_a_step_is_told_and_does_not_go_through_qt(store, monkeypatch):
    """PySide 6.11 dies after some hundred exceptions that leave a step called by Qt."""
    told = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: told.append(kind))
    monkeypatch.setattr(store._notes, "note", lambda names: 1 / 0)
    store.edit("a.png", "typed")
    store.undo_stack.undo()
    assert told == [ZeroDivisionError] * 2
    assert store.text("a.png") == "first"


def test_unsaved_text_of_an_image_that_goes_is_kept_aside(store, folder, tmp_path):
    load(store, folder, Journal(tmp_path / "journal"))
    store.edit("a.png", "unsaved words")
    store.reconcile({"b.png": captions.read(folder / "b.txt")})
    assert "unsaved words" in (tmp_path / "journal" / "discarded.jsonl").read_text()


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
