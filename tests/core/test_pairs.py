"""Pairs: added, renamed and taken away as one, with everything that belongs to them."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bespoke_gui.core import project as projects
from bespoke_gui.core.dataset import scan
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.history import History
from bespoke_gui.core.pairs import bin as trash
from bespoke_gui.core.pairs import names
from bespoke_gui.core.pairs.add import add
from bespoke_gui.core.pairs.exclude import exclude
from bespoke_gui.core.pairs.operation import journal_path
from bespoke_gui.core.pairs.rename import rename, undo
from bespoke_gui.core.pairs.target import open_pairs
from tests.core._packages import write_image, write_pairs


@pytest.fixture
def pairs(tmp_path):
    write_pairs(tmp_path / "source")
    return open_pairs(projects.create_project(tmp_path / "p", tmp_path / "source").project.folder)


def files(folder: Path) -> dict[str, bytes]:
    """Every visible file below a folder."""
    found = (p for p in sorted(folder.rglob("*")) if p.is_file())
    named = {p.relative_to(folder).as_posix(): p.read_bytes() for p in found}
    return {name: data for name, data in named.items() if not name.startswith(".")}


def dataset(pairs) -> Path:
    return pairs.places[0].folder


def test_add_copies_pairs_and_overwrites_nothing(pairs, tmp_path):
    new = write_pairs(tmp_path / "new", ("b", "d"), (40, 40))
    write_image(new / "sub" / "A.PNG", (30, 30))
    (new / "sub" / "A.txt").write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\n")
    (new / "notes.md").write_text("no image")
    source, before = files(new), files(dataset(pairs))
    report = add(pairs, [new])
    now = files(dataset(pairs))
    assert {name: now[name] for name in before} == before
    assert sorted(set(now) - set(before)) == [
        "b_2.png", "b_2.txt", "d.png", "d.txt", "sub/A.PNG", "sub/A.txt",
    ]  # fmt: skip
    assert now["sub/A.txt"] == source["sub/A.txt"]
    assert (now["b_2.png"], now["b_2.txt"]) == (source["b.png"], source["b.txt"])
    assert files(new) == source
    assert list(report.images) == ["b_2.png", "d.png", "sub/A.PNG"]
    assert (report.captions, report.renamed) == (3, {"b_2.png": "b.png"})
    assert not list(dataset(pairs).glob(".*"))


def test_add_names_what_it_leaves_out(pairs, tmp_path):
    new = write_pairs(tmp_path / "new", ("a",))
    write_image(new / "x.png", (9, 9))
    shutil.copy(new / "x.png", new / "y.png")
    (tmp_path / "note.pdf").write_text("x")
    report = add(pairs, [new, tmp_path / "note.pdf", tmp_path / "gone.png", dataset(pairs)])
    assert list(report.images) == ["x.png"]
    assert report.duplicates == {str(new / "a.png"): "a.png", str(new / "y.png"): "x.png"}
    assert [problem.code for problem in report.problems] == [
        "no_image", "not_there", "holds_dataset",
    ]  # fmt: skip
    assert list(add(pairs, [new / "a.png"], duplicates=True).images) == ["a_2.png"]
    assert [p.code for p in add(pairs, [dataset(pairs) / "a.png"]).problems] == ["already_there"]


def test_add_keeps_repeats_exclusions_and_finds_captions_of_other_suffixes(pairs, tmp_path):
    new = write_pairs(tmp_path / "5_hats", ("x", "y"), (20, 20))
    (new / "y.txt").rename(new / "y.caption")
    (new / "excluded.txt").write_text("x\n")
    report = add(pairs, [new])
    assert list(report.images) == ["5_hats/x.png", "5_hats/y.png"]
    assert report.captions == 2
    found = {item.name: item for item in scan(dataset(pairs)).items}
    assert found["5_hats/x.png"].excluded
    assert found["5_hats/y.png"].has_caption


def test_a_full_disk_or_a_lost_file_adds_nothing(pairs, tmp_path, monkeypatch):
    new = write_pairs(tmp_path / "new", ("x", "y"), (20, 20))
    before = files(pairs.home)
    copy = names.copy_new

    def full(source, target):
        if source.name == "y.png":
            raise OSError(28, "No space left on device")
        copy(source, target)

    monkeypatch.setattr(names, "copy_new", full)
    with pytest.raises(AppError, match="no space left"):
        add(pairs, [new])
    assert files(pairs.home) == before
    assert not journal_path(pairs.home).exists()
    assert not list(dataset(pairs).glob(".*"))


def test_rename_takes_everything_along_and_undo_brings_it_back(pairs):
    folder = dataset(pairs)
    (folder / "a.caption").write_text("tags")
    exclude(pairs, ["a.png", "c.png"])
    with History(pairs.home) as history:
        history.snapshot("before", {"a.txt": "red", "b.txt": "blue"})
        history.record("a.png", "red")
        history.record("z.png", "older z")
        history.set_review("a.png", "accepted", "fine")
    before = files(pairs.home)
    renamed = rename(pairs, "a.png", "z")
    assert (renamed.old, renamed.new) == ("a.png", "z.png")
    after = files(folder)
    assert {"z.png", "z.txt", "z.caption"} < set(after)
    assert not {"a.png", "a.txt", "a.caption"} & set(after)
    assert after["excluded.txt"].decode().splitlines()[1:] == ["z.png", "c.png"]
    with History(pairs.home) as history:
        assert [version.text for version in history.texts("z.png")] == ["older z", "red"]
        assert history.texts("a.png") == []
        assert history.load("before", ["z.png"]) == {"z.png": "red", "b.txt": "blue"}
        history.set_review("z.png", "needs_work", "later")
        history.record("z.png", "written since")
    undo(pairs, renamed)
    assert files(pairs.home) == before
    with History(pairs.home) as history:
        assert [version.text for version in history.texts("z.png")] == ["older z"]
        assert [version.text for version in history.texts("a.png")] == ["written since", "red"]
        assert history.review("a.png").note == "later"
        assert history.review("z.png").state == "todo"
        assert history.load("before") == {"a.txt": "red", "b.txt": "blue"}


@pytest.mark.parametrize("wanted", ["b", "B", "b.png", "é".replace("é", "e\u0301")])
def test_rename_refuses_a_name_that_is_taken_whatever_its_case(pairs, wanted):
    write_image(dataset(pairs) / "é.jpg")
    before = files(pairs.home)
    with pytest.raises(AppError, match="there is already"):
        rename(pairs, "a.png", wanted)
    assert files(pairs.home) == before


def test_a_caption_without_an_image_keeps_its_name(pairs):
    (dataset(pairs) / "lost.txt").write_text("keep me")
    with pytest.raises(AppError, match=r"there is already lost\.txt"):
        rename(pairs, "a.png", "lost")


@pytest.mark.parametrize(
    "wanted",
    ["", "  ", ".hidden", "a/b", "../b", "con", "LPT1.x", "b?", "b.", "x" * 300, "b\0", "b\nc",
     "excluded", "b.jpg", "a.png", "# b"],
)  # fmt: skip
def test_rename_refuses_names_that_some_system_cannot_hold(pairs, wanted):
    before = files(pairs.home)
    with pytest.raises(AppError) as caught:
        rename(pairs, "a.png", wanted)
    assert caught.value.kind == "usage"
    assert files(pairs.home) == before


def test_only_the_case_may_change(pairs):
    assert rename(pairs, "a.png", "A").new == "A.png"
    assert {"A.png", "A.txt"} < set(files(dataset(pairs)))


def test_names_with_dots_and_longer_names_of_others(pairs):
    folder = dataset(pairs)
    write_pairs(folder, ("a.b", "ab"))
    rename(pairs, "a.png", "v1.5 final")
    assert {"v1.5 final.png", "v1.5 final.txt", "a.b.png", "a.b.txt", "ab.txt"} < set(files(folder))
    rename(pairs, "a.b.png", "q")
    assert {"q.png", "q.txt", "ab.txt"} < set(files(folder))


def test_an_image_that_shares_its_caption_gets_a_copy(pairs):
    folder = dataset(pairs)
    write_image(folder / "a.jpg")
    before = files(folder)
    renamed = rename(pairs, "a.jpg", "n")
    now = files(folder)
    assert now["n.txt"] == now["a.txt"] == before["a.txt"]
    assert renamed.copied
    assert not list(folder.glob(".*"))
    undo(pairs, renamed)
    assert files(folder) == before


def test_remove_and_bring_back(pairs):
    folder = dataset(pairs)
    write_pairs(folder / "sub", ("x",))
    exclude(pairs, ["a.png"])
    before = files(folder)
    removed = trash.remove(pairs, ["a.png", "sub/x.png"])
    assert sorted(files(folder)) == ["b.png", "b.txt", "c.png", "c.txt"]
    assert removed.excluded == ["a.png"]
    (found,) = trash.removed_before(pairs.home)
    assert found == removed
    assert sorted(p.name for p in removed.folder.rglob("*") if p.is_file()) == [
        "a.png", "a.txt", "info.json", "x.png", "x.txt",
    ]  # fmt: skip
    trash.bring_back(pairs, found)
    assert files(folder) == before
    assert trash.removed_before(pairs.home) == []
    assert list(trash.trash_folder(pairs.home).iterdir()) == []


def test_bringing_back_overwrites_nothing(pairs):
    removed = trash.remove(pairs, ["a.png"])
    write_image(dataset(pairs) / "a.png", (5, 5))
    before = files(pairs.home)
    with pytest.raises(AppError, match="there is another file"):
        trash.bring_back(pairs, removed)
    assert files(pairs.home) == before
    assert trash.removed_before(pairs.home) == [removed]


def test_a_shared_caption_stays_with_the_image_that_stays(pairs):
    write_image(dataset(pairs) / "a.jpg")
    trash.remove(pairs, ["a.png"])
    assert {"a.jpg", "a.txt"} < set(files(dataset(pairs)))
    trash.remove(pairs, ["a.jpg"])
    assert sorted(files(dataset(pairs))) == ["b.png", "b.txt", "c.png", "c.txt"]


WORK = {
    "rename": lambda pairs, _: rename(pairs, "a.png", "z"),
    "add": lambda pairs, new: add(pairs, [new]),
    "remove": lambda pairs, _: trash.remove(pairs, ["a.png", "b.png"]),
}
BOUNDARIES = ("rename", "replace", "unlink", "fsync", "open", "link", "mkdir", "rmdir")


def killed_at(step: int, work) -> bool:
    """Do `work` in a child that dies at the `step`-th touch of the disk; whether it came to it."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status) == 9
    left = step

    def dying(real):
        def call(*args, **kwargs):
            nonlocal left
            left -= 1
            if left < 0:
                os._exit(9)
            return real(*args, **kwargs)

        return call

    code = 1
    try:
        for name in BOUNDARIES:
            setattr(os, name, dying(getattr(os, name)))
        work()
        code = 0
    finally:
        os._exit(code)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a copy of this process")
@pytest.mark.parametrize("kind", sorted(WORK))
def test_a_kill_at_any_moment_leaves_all_or_nothing(kind, tmp_path):
    write_pairs(tmp_path / "source")
    new = write_pairs(tmp_path / "new", ("x", "y"), (20, 20))
    start = projects.create_project(tmp_path / "start", tmp_path / "source").project.folder
    exclude(open_pairs(start), ["a.png"])
    with History(start) as history:
        history.record("a.png", "red")
    whole = tmp_path / "whole"
    shutil.copytree(start, whole)
    before = files(start / "dataset")
    WORK[kind](open_pairs(whole), new)
    after = files(whole / "dataset")
    kills = 0
    for step in range(200):
        at = tmp_path / f"at_{step}"
        shutil.copytree(start, at)
        if not killed_at(step, lambda at=at: WORK[kind](open_pairs(at), new)):
            break
        kills += 1
        open_pairs(at)
        now = files(at / "dataset")
        assert now in (before, after), (kind, step, sorted(now))
        assert not journal_path(at).exists()
        assert not list((at / "dataset").glob(".bespoke-*"))
        with History(at) as history:
            kept = "z.png" if "z.png" in now else "a.png"
            assert [version.text for version in history.texts(kept)] == ["red"]
        shutil.rmtree(at)
    assert 15 < kills < 200


STEMS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None)
@given(STEMS)
def test_any_name_is_refused_or_borne_by_the_whole_pair(tmp_path_factory, wanted):
    folder = write_pairs(tmp_path_factory.mktemp("set"), ("a", "b"))
    pairs = open_pairs(folder)
    before = files(folder)
    try:
        renamed = rename(pairs, "a.png", wanted)
    except AppError:
        assert files(folder) == before
        return
    items = {item.name: item for item in scan(folder).items}
    assert set(items) == {"b.png", renamed.new}
    assert items[renamed.new].has_caption
    undo(pairs, renamed)
    assert files(folder) == before


def test_a_journal_that_cannot_be_read_is_put_aside(pairs):
    journal_path(pairs.home).parent.mkdir(exist_ok=True)
    journal_path(pairs.home).write_text("{broken")
    open_pairs(pairs.home)
    assert not journal_path(pairs.home).exists()
    assert journal_path(pairs.home).with_suffix(".unreadable").exists()
    rename(pairs, "a.png", "z")


def test_two_programs_do_not_change_images_at_once(pairs):
    import json

    from bespoke_gui.core import processes
    from bespoke_gui.core.pairs.operation import Operation

    data = Operation("rename").as_dict()
    data["owner"] = [os.getppid(), processes.start_time(os.getppid())]
    journal_path(pairs.home).parent.mkdir(exist_ok=True)
    journal_path(pairs.home).write_text(json.dumps(data))
    with pytest.raises(AppError, match="another program"):
        rename(pairs, "a.png", "z")
    assert "a.png" in files(dataset(pairs))
