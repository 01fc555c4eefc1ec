"""History: snapshots are whole or not there, and a damaged file never costs a caption."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bespoke_gui.core import bulk, captions
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.history import History, Review, text_digest

CAPTIONS = {"lad_1.png": "red hat", "sub/lad_2.png": "blue eyes, é", "lad_3.png": ""}


def test_a_snapshot_comes_back_after_reopening(tmp_path):
    with History(tmp_path) as history:
        made = history.snapshot("before rules", {**CAPTIONS, "gone.png": None}, note="first")
        assert (made.count, made.automatic, made.note) == (3, False, "first")
    with History(tmp_path) as history:
        assert history.load("before rules") == CAPTIONS
        assert history.snapshots() == [made]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30
)
@given(st.dictionaries(st.text("abc é", min_size=1, max_size=5), st.text(max_size=30), max_size=6))
def test_any_text_comes_back(tmp_path_factory, texts):
    texts = {f"{name}.png": text for name, text in texts.items()}
    with History(tmp_path_factory.mktemp("h")) as history:
        history.snapshot("one", texts)
        assert history.load("one") == texts


def test_names_follow_todays_suffix(tmp_path):
    with History(tmp_path) as history:
        history.snapshot("one", CAPTIONS)
        history.record("lad_1.png", "red hat")
        history.set_review("lad_1.png", "accepted", "fine")
        assert "lad_1.txt" in history.load("one", ["lad_1.txt"])
        assert history.texts("lad_1.txt")[0].text == "red hat"
        assert history.review("lad_1.txt") == Review("accepted", "fine")
        assert history.reviews(["lad_1.txt"]) == {"lad_1.txt": Review("accepted", "fine")}


def test_equal_texts_are_kept_once_and_go_with_the_last_holder(tmp_path):
    with History(tmp_path) as history:
        history.snapshot("one", {f"{n}.png": "same" for n in range(50)})
        history.snapshot("two", {"0.png": "same", "1.png": "other"})
        history.record("x.png", "other")
    count = "SELECT COUNT(*) FROM texts"
    db = sqlite3.connect(history.path)
    assert db.execute(count).fetchone() == (2,)
    with History(tmp_path) as history:
        history.delete("one")
        assert [snapshot.name for snapshot in history.snapshots()] == ["two"]
        assert db.execute(count).fetchone() == (2,)
        history.delete("two")
        assert db.execute("SELECT body FROM texts").fetchall() == [(b"other",)]
    db.close()


def test_names_are_unique_but_automatic_ones_get_a_number(tmp_path):
    with History(tmp_path) as history:
        history.snapshot("one", CAPTIONS)
        with pytest.raises(AppError, match="already"):
            history.snapshot("one", {})
        assert history.snapshot("one", {}, automatic=True).name == "one (2)"
        assert history.snapshot("one", {}, automatic=True).name == "one (3)"
        assert history.load("one") == CAPTIONS
        with pytest.raises(AppError, match="needs a name"):
            history.snapshot("  ", CAPTIONS)


def test_a_snapshot_gets_another_name_and_a_note(tmp_path):
    with History(tmp_path) as history:
        history.snapshot("one", CAPTIONS, automatic=True)
        history.snapshot("two", {})
        history.rename("one", " first ")
        history.annotate("first", "as it came")
        assert history.load("first") == CAPTIONS
        kept = {snapshot.name: snapshot for snapshot in history.snapshots()}
        assert (kept["first"].automatic, kept["first"].note) == (False, "as it came")
        for new, words in (("two", "already"), ("  ", "needs a name")):
            with pytest.raises(AppError, match=words):
                history.rename("first", new)
        with pytest.raises(AppError, match="no snapshot 'one'"):
            history.rename("one", "three")
        history.rename("first", "first")
        assert set(kept) == {snapshot.name for snapshot in history.snapshots()}


def test_an_unknown_snapshot_names_the_known_ones(tmp_path):
    with History(tmp_path) as history:
        with pytest.raises(AppError, match="make one first"):
            history.load("one")
        history.snapshot("two", CAPTIONS)
        with pytest.raises(AppError, match="there are: two"):
            history.delete("one")


def test_past_texts_of_one_caption(tmp_path):
    with History(tmp_path) as history:
        assert history.texts("a.png") == []
        assert history.record("a.png", "red")
        assert not history.record("a.png", "red")
        history.record("a.png", "blue", "rules: hats")
        history.record("a.png", "red")
        assert [(v.text, v.source) for v in history.texts("a.png")] == [
            ("red", "edit"),
            ("blue", "rules: hats"),
            ("red", "edit"),
        ]


def test_the_timeline_joins_past_texts_and_snapshots(tmp_path):
    with History(tmp_path) as history:
        assert history.timeline("a.png") == []
        history.snapshot("first", {"a.png": "red", "b.png": "other"})
        history.record("a.png", "red")
        history.record("a.png", "blue")
        history.snapshot("second", {"a.png": "blue"})
        history.record("a.png", "green", "rules: hats")
        assert [(v.text, v.source) for v in history.timeline("a.txt")] == [
            ("green", "rules: hats"),
            ("blue", "edit"),
            ("red", "snapshot: first"),
        ]


def test_review_states(tmp_path):
    with History(tmp_path) as history:
        assert history.review("a.png") == Review("todo", "")
        history.set_review("a.png", "needs_work", "eyes?")
        history.set_review("a.png", "accepted")
        assert history.reviews() == {"a.png": Review("accepted", "")}
        with pytest.raises(AppError, match="no review state"):
            history.set_review("a.png", "perfect")


def test_an_accepted_caption_is_to_do_again_once_it_is_another_text(tmp_path):
    with History(tmp_path) as history:
        history.set_review("a.png", "accepted", text="red hat")
        review = history.review("a.png")
        assert review.state_for(text_digest("red hat")) == "accepted"
        assert review.state_for(text_digest("red cap")) == "todo"
        history.set_review("a.png", "needs_work", "eyes", text="red hat")
        assert history.review("a.png").state_for(text_digest("red cap")) == "needs_work"
        history.set_review("b.png", "accepted")
        assert history.review("b.png").state_for(text_digest("whatever")) == "accepted"


def test_several_reviews_are_kept_together_or_not_at_all(tmp_path):
    with History(tmp_path) as history:
        history.set_reviews({"a.png": Review("accepted", "", "d"), "b.png": Review("needs_work")})
        assert history.reviews(["a.txt"])["a.txt"] == Review("accepted", "", "d")
        with pytest.raises(AppError, match="no review state"):
            history.set_reviews({"a.png": Review("todo"), "b.png": Review("perfect")})
        assert history.review("a.png").state == "accepted"


VERSION_1 = """
CREATE TABLE texts (sha256 TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE snapshots (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, created TEXT NOT NULL,
    note TEXT NOT NULL, automatic INTEGER NOT NULL);
CREATE TABLE entries (snapshot INTEGER NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL,
    text TEXT NOT NULL, PRIMARY KEY (snapshot, key)) WITHOUT ROWID;
CREATE TABLE versions (id INTEGER PRIMARY KEY, key TEXT NOT NULL, created TEXT NOT NULL,
    source TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE reviews (key TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL,
    note TEXT NOT NULL, changed TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO reviews VALUES ('a', 'a.png', 'accepted', 'fine', '2026-11-01T00:00:00');
INSERT INTO texts VALUES ('x', CAST('red hat' AS BLOB));
INSERT INTO snapshots VALUES (1, 'before', '2026-11-01T00:00:00', '', 0);
INSERT INTO entries VALUES (1, 'a', 'a.png', 'x');
PRAGMA user_version = 1;
"""


def earlier_file(folder):
    (folder / ".bespoke").mkdir()
    path = folder / ".bespoke" / "history.sqlite"
    db = sqlite3.connect(path)
    db.executescript(VERSION_1)
    db.close()
    return path


def test_a_file_of_the_first_version_keeps_everything(tmp_path):
    earlier_file(tmp_path)
    for _ in range(2):
        with History(tmp_path) as history:
            assert history.problems == []
            assert history.review("a.png") == Review("accepted", "fine")
            assert history.load("before") == {"a.png": "red hat"}
    with History(tmp_path) as history:
        history.set_review("a.png", "accepted", text="red hat")
        assert history.review("a.png").digest == text_digest("red hat")


def test_two_windows_bring_an_earlier_file_up_to_date_once(tmp_path):
    earlier_file(tmp_path)
    opened = []
    threads = [threading.Thread(target=lambda: opened.append(History(tmp_path))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [history.review("a.png").note for history in opened] == ["fine"] * 4
    assert [history.problems for history in opened] == [[]] * 4
    for history in opened:
        history.close()


def test_reading_makes_no_file(tmp_path):
    with History(tmp_path) as history:
        assert history.snapshots() == []
        assert history.reviews() == {}
    assert list(tmp_path.iterdir()) == []


def damage_head(path):
    path.write_bytes(b"this is no database" * 100)


def damage_middle(path):
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)


def damage_tables(path):
    db = sqlite3.connect(path)
    db.executescript("PRAGMA foreign_keys = OFF; DROP TABLE entries")
    db.close()


@pytest.mark.parametrize("damage", [damage_head, damage_middle, damage_tables])
def test_a_damaged_file_is_moved_aside(tmp_path, damage):
    with History(tmp_path) as history:
        history.snapshot("one", {f"{n}.png": f"text {n}" * 50 for n in range(200)})
    damage(history.path)
    with History(tmp_path) as history:
        assert [problem.code for problem in history.problems] == ["history_damaged"]
        assert history.snapshots() == []
        history.snapshot("two", CAPTIONS)
        assert history.saved
    aside = [p.name for p in history.path.parent.iterdir() if "damaged" in p.name]
    assert len(aside) == 1
    with History(tmp_path) as history:
        assert history.problems == []
        assert history.load("two") == CAPTIONS


def test_a_newer_file_is_left_alone(tmp_path):
    with History(tmp_path) as history:
        history.snapshot("one", CAPTIONS)
    db = sqlite3.connect(history.path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(AppError, match="newer Bespoke"):
        History(tmp_path)
    assert [p.name for p in history.path.parent.iterdir()] == ["history.sqlite"]


def test_where_nothing_can_be_written_no_snapshot_is_promised(tmp_path):
    (tmp_path / ".bespoke").write_text("a file where the folder would be")
    with History(tmp_path) as history:
        with pytest.raises(AppError, match="no snapshot can be kept"):
            history.snapshot("one", CAPTIONS)
        history.set_review("a.png", "accepted")
        assert history.review("a.png").state == "accepted"
        assert not history.saved
        assert [problem.code for problem in history.problems] == ["history_not_saved"]


def test_two_threads_and_two_connections(tmp_path):
    with History(tmp_path) as one, History(tmp_path) as two:

        def work(history, name):
            for number in range(20):
                history.record(f"{name}.png", f"text {number}")

        threads = [
            threading.Thread(target=work, args=(history, name))
            for history, name in ((one, "a"), (one, "b"), (two, "c"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [len(one.texts(f"{name}.png")) for name in "abc"] == [20, 20, 20]


WRITER = """
import sys
from pathlib import Path
from bespoke_gui.core.history import History
history = History(Path(sys.argv[1]))
for number in range(100000):
    texts = {f"{n}.png": f"state {number} of caption {n}" for n in range(200)}
    history.snapshot(f"state {number}", texts)
    print(number, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="kills a process by signal")
@pytest.mark.parametrize("delay", [0.0, 0.004, 0.011])
def test_a_killed_writer_leaves_whole_snapshots(tmp_path, delay):
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        seen = [int(writer.stdout.readline()) for _ in range(4)][-1]
        time.sleep(delay)
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split()
        seen = int(rest[-1]) if rest else seen
    with History(tmp_path) as history:
        assert history.problems == []
        kept = history.snapshots()
        assert len(kept) >= seen + 1
        assert {snapshot.count for snapshot in kept} == {200}
        for snapshot in kept:
            texts = history.load(snapshot.name)
            assert set(texts.values()) == {f"{snapshot.name} of caption {n}" for n in range(200)}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "dataset"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.txt").write_bytes(f"{name} words, red hat\r\n".encode())
    return folder


def raw(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.txt")}


def test_restore_writes_only_what_differs_and_keeps_today(folder):
    before = raw(folder)
    with History(folder) as history:
        history.snapshot("one", captions.texts(captions.read_folder(folder)))
        (folder / "a.txt").write_bytes(b"other\r\n")
        (folder / "b.txt").unlink()
        (folder / "new.txt").write_bytes(b"made since")
        stamp = (folder / "c.txt").stat().st_mtime_ns
        report = bulk.restore(folder, history, "one")
        assert sorted(report.written) == ["a.txt", "b.txt"]
        assert report.problems == []
        assert raw(folder)["a.txt"] == before["a.txt"]
        assert raw(folder)["b.txt"] == b"b words, red hat"
        assert (folder / "c.txt").stat().st_mtime_ns == stamp
        assert raw(folder)["new.txt"] == b"made since"
        kept = history.load(report.snapshot)
        assert kept == {"a.txt": "other", "c.txt": "c words, red hat", "new.txt": "made since"}
        assert [v.text for v in history.texts("a.txt")] == ["a words, red hat", "other"]
        assert bulk.restore(folder, history, "one").snapshot == ""


def test_one_file_that_fails_is_said_and_the_others_go_on(folder):
    with History(folder) as history:
        found = captions.read_folder(folder)
        (folder / "b.txt").write_bytes(b"typed elsewhere")
        texts = {name: caption.text + ", new" for name, caption in found.items()}
        report = bulk.write_all(found, texts, history, "test")
        assert sorted(report.written) == ["a.txt", "c.txt"]
        assert [(p.file, p.code) for p in report.problems] == [("b.txt", "not_written")]
        assert raw(folder)["b.txt"] == b"typed elsewhere"
        assert raw(folder)["a.txt"] == b"a words, red hat, new\r\n"


def test_nothing_is_written_without_a_snapshot(folder):
    before = raw(folder)
    (folder / ".bespoke").write_text("in the way")
    with History(folder) as history:
        found = captions.read_folder(folder)
        with pytest.raises(AppError, match="no snapshot"):
            bulk.write_all(found, dict.fromkeys(found, "new"), history, "test")
    assert raw(folder) == before


def test_a_snapshot_cannot_name_a_file_outside(folder):
    with History(folder) as history:
        history.snapshot("evil", {"../outside.txt": "x"})
        with pytest.raises(AppError, match="outside"):
            bulk.restore(folder, history, "evil")
    assert not (folder.parent / "outside.txt").exists()


def test_two_images_of_one_stem_share_their_caption(folder):
    with History(folder) as history:
        one = captions.read(folder / "a.txt")
        report = bulk.write_all(
            {"a.png": one, "a.jpg": one}, {"a.png": "new", "a.jpg": "new"}, history, "test"
        )
        assert report.problems == []
        assert raw(folder)["a.txt"] == b"new\r\n"
