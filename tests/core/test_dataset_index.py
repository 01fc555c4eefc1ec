"""Dataset index: it says what the folders held, is looked at again, and a bad one is none."""

import os
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bespoke_gui.core import dataset_index
from bespoke_gui.core.dataset_index import list_project, read_index, write_index
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.project import open_project
from bespoke_gui.core.project_data import project_dataset, scan_project

ONE = '[[dataset]]\nfolder = "dataset"\n'
TWO = ONE + '[[dataset]]\nfolder = "more"\n'


@pytest.fixture(autouse=True)
def tiny_sets_are_large(monkeypatch):
    monkeypatch.setattr(dataset_index, "LARGE", 0)


def make(folder, *names, toml=ONE):
    (folder / "dataset").mkdir(parents=True, exist_ok=True)
    (folder / "bespoke.toml").write_text(f"schema = 1\n{toml}")
    touch(folder / "dataset", *names)
    return open_project(folder)


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def keep(project):
    listings = list_project(project).listings
    write_index(project, listings)
    return listings


def same(one, other):
    return (one.folder, one.items, one.problems) == (other.folder, other.items, other.problems)


def test_the_index_gives_the_dataset_that_reading_the_folders_gives(tmp_path):
    names = ("lad_10.png", "lad_9.png", "lad_9.txt", "sub/a.webp", "sub/a.TXT", "lonely.txt")
    project = make(tmp_path, *names, "LAD_9.jpg", "ümläut.png", "ümläut.txt", toml=TWO)
    touch(tmp_path / "more", "x.png", "x.txt", "y.gif")
    (tmp_path / "dataset" / "excluded.txt").write_text("lad_10\n")
    keep(project)
    assert same(project_dataset(project, read_index(project)), scan_project(project))


letters = st.text("aB1_. ü", min_size=1, max_size=6).map(lambda text: f"n{text.strip('. ')}")
files = st.builds(
    lambda folder, stem, suffix: f"{folder}{stem}{suffix}",
    st.sampled_from(["", "in/", "in/deep/"]),
    letters,
    st.sampled_from([".png", ".PNG", ".jpg", ".txt", ".TXT", ".json", ""]),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(files, max_size=12), st.lists(letters, max_size=3))
def test_whatever_the_files_are_called(tmp_path_factory, names, excluded):
    folder = tmp_path_factory.mktemp("project")
    project = make(folder, *names)
    if excluded:
        (folder / "dataset" / "excluded.txt").write_text("\n".join(excluded))
    keep(project)
    known = read_index(project) or list_project(project).listings
    assert same(project_dataset(project, known), scan_project(project))
    checked = list_project(project, known)
    assert not checked.changed
    assert all(new is old for new, old in zip(checked.listings, known, strict=True))


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "b.png").rename(folder / "c.png"),
        lambda folder: (folder / "b.png").unlink(),
        lambda folder: (folder / "a.txt").unlink(),
        lambda folder: touch(folder, "new.png"),
        lambda folder: touch(folder, "b.txt"),
        lambda folder: touch(folder, "excluded.txt"),
    ],
)
def test_what_changed_meanwhile_is_found(tmp_path, change):
    project = make(tmp_path, "a.png", "a.txt", "b.png")
    keep(project)
    change(tmp_path / "dataset")
    checked = list_project(project, read_index(project))
    assert checked.changed
    assert same(project_dataset(project, checked.listings), scan_project(project))


def test_a_list_of_excluded_images_is_never_taken_from_the_index(tmp_path):
    project = make(tmp_path, "a.png", "b.png", "excluded.txt")
    keep(project)
    (tmp_path / "dataset" / "excluded.txt").write_text("b.png\n")
    assert [i.excluded for i in project_dataset(project, read_index(project)).items] == [0, 1]


def test_every_damage_makes_it_none(tmp_path):
    project = make(tmp_path, "a.png", "a.txt", "b.png")
    keep(project)
    path = tmp_path / ".bespoke" / "dataset.index"
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place])
        assert read_index(project) is None
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        assert read_index(project) is None
    path.write_bytes(whole)
    assert read_index(project) is not None


def test_an_index_of_another_place_or_suffix_is_none(tmp_path):
    project = make(tmp_path / "old", "a.png")
    keep(project)
    (tmp_path / "old").rename(tmp_path / "new")
    assert read_index(open_project(tmp_path / "new")) is None
    project = make(tmp_path / "other", "a.png")
    keep(project)
    project = make(tmp_path / "other", toml='caption_extension = ".caption"\n' + ONE)
    assert read_index(project) is None
    assert read_index(make(tmp_path / "other", toml=TWO)) is None


def test_a_small_set_has_no_index(tmp_path, monkeypatch):
    project = make(tmp_path, "a.png")
    keep(project)
    monkeypatch.setattr(dataset_index, "LARGE", 1)
    keep(project)
    assert not (tmp_path / ".bespoke" / "dataset.index").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text")
def test_names_that_are_no_text_are_read_from_the_folder_each_time(tmp_path):
    project = make(tmp_path, "a.png")
    odd = os.fsdecode(b"\xff.png")
    touch(tmp_path / "dataset", odd, os.fsdecode(b"\xff.txt"))
    keep(project)
    assert read_index(project) is None
    item = next(item for item in scan_project(project).items if item.name != "a.png")
    assert (item.name, item.image.name, item.has_caption) == ("\\udcff.png", odd, True)


def test_a_folder_that_is_gone_is_an_error(tmp_path):
    project = make(tmp_path, "a.png")
    listings = keep(project)
    (tmp_path / "dataset").rename(tmp_path / "away")
    with pytest.raises(AppError, match="no such folder"):
        list_project(project, listings)
