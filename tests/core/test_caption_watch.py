"""Changes of other programs are found, and only touched files are read for it."""

import os
import time

import pytest

from bespoke_gui.core import caption_watch, captions
from bespoke_gui.core.caption_watch import DiskWatch


@pytest.fixture
def known(tmp_path):
    for name in "abc":
        path = tmp_path / f"{name}.txt"
        path.write_text(f"caption {name}")
        os.utime(path, (1e9, 1e9))
    return {n: captions.read(tmp_path / f"{n}.txt") for n in ("a", "b", "c", "missing")}


@pytest.fixture
def reads(monkeypatch):
    """Which files were read."""
    found, real = [], captions.read_safely
    monkeypatch.setattr(
        caption_watch.files, "read_safely", lambda path: (found.append(path.stem), real(path))[1]
    )
    return found


@pytest.fixture(autouse=True)
def time_stamps_can_be_trusted(monkeypatch):
    monkeypatch.setattr(caption_watch, "FRESH_S", 0.0)


def test_only_touched_files_are_read_again(known, reads):
    watch = DiskWatch()
    assert watch.changed(known) == {}
    assert sorted(reads) == ["a", "b", "c"] or sorted(set(reads)) == ["a", "b", "c", "missing"]
    reads.clear()
    assert watch.changed(known) == {}
    assert reads == []
    known["b"].path.write_text("theirs")
    assert {n: c.text for n, c in watch.changed(known).items()} == {"b": "theirs"}
    assert set(reads) == {"b"}


def test_files_untouched_since_they_were_read_are_not_read_at_all(known, reads):
    assert DiskWatch(time.time() + 60).changed(known) == {}
    assert reads == []


def test_a_change_between_reading_and_the_first_look_is_found(known):
    known["a"].path.write_text("theirs")
    assert set(DiskWatch(time.time()).changed(known)) == {"a"}


def test_a_change_is_told_until_it_is_taken(known):
    watch = DiskWatch()
    known["a"].path.write_text("theirs")
    assert set(watch.changed(known)) == set(watch.changed(known)) == {"a"}
    assert watch.changed({**known, "a": captions.read(known["a"].path)}) == {}


def test_a_change_of_the_same_size_with_its_time_put_back_is_found(known):
    watch = DiskWatch()
    watch.changed(known)
    known["a"].path.write_text("caption X")
    os.utime(known["a"].path, (1e9, 1e9))
    assert set(watch.changed(known)) == {"a"}


def test_a_file_that_appears_or_becomes_empty(known):
    watch = DiskWatch()
    watch.changed(known)
    known["missing"].path.write_text("new")
    known["a"].path.write_bytes(b"")
    known["b"].path.unlink()
    assert set(watch.changed(known)) == {"missing"}
    assert watch.is_unsure
    assert set(watch.changed(known)) == {"missing", "a", "b"}
    known["a"].path.write_text("the rest of it")
    assert watch.changed(known)["a"].text == "the rest of it"


def test_a_folder_that_is_away_empties_nothing(known, tmp_path):
    watch = DiskWatch()
    watch.changed(known)
    away = tmp_path.rename(tmp_path.with_name("away"))
    for _ in range(3):
        assert watch.changed(known) == {}
    away.rename(tmp_path)
    assert watch.changed(known) == {}
