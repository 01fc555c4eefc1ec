"""Project: made by copying, read by people and program alike, and never half made."""

import errno
import hashlib
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core import project as projects
from bespoke_gui.core.dataset import scan
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.project import (
    Project,
    create_project,
    find_project,
    free_names,
    open_project,
    save,
)
from tests.core._packages import write_image, write_pairs


def digests(folder: Path) -> dict[str, str]:
    files = (p for p in folder.rglob("*") if p.is_file())
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files
    }


def written(tmp_path, text) -> Path:
    (tmp_path / "bespoke.toml").write_text(text, "utf-8")
    return tmp_path


def test_create_copies_every_byte_and_leaves_the_source(tmp_path):
    source = write_pairs(tmp_path / "source")
    before = digests(source)
    created = create_project(tmp_path / "p", source, name="My Punks")
    assert (created.images, created.captions) == (3, 3)
    assert digests(source) == before == digests(tmp_path / "p" / "dataset")
    project = open_project(tmp_path / "p")
    assert project == created.project
    assert project.name == "My Punks"
    assert project.dataset_dirs == [(tmp_path / "p" / "dataset", 1)]


def test_captions_from_another_folder(tmp_path):
    images = write_pairs(tmp_path / "images")
    captions = tmp_path / "captions"
    captions.mkdir()
    (captions / "a.txt").write_bytes(b"\xef\xbb\xbfred hat\r\n")
    created = create_project(tmp_path / "p", images, captions)
    dataset = tmp_path / "p" / "dataset"
    assert created.captions == 1
    assert (dataset / "a.txt").read_bytes() == b"\xef\xbb\xbfred hat\r\n"
    assert not (dataset / "b.txt").exists()


def test_images_that_share_a_stem_get_names_and_captions_of_their_own(tmp_path):
    source = tmp_path / "source"
    write_image(source / "a.png")
    write_image(source / "a.jpg")
    write_image(source / "sub" / "a.png")
    (source / "a.txt").write_text("red hat")
    created = create_project(tmp_path / "p", source)
    dataset = scan(tmp_path / "p" / "dataset")
    assert dataset.problems == []
    assert [item.name for item in dataset.items] == ["a.jpg", "a_2.png", "sub/a.png"]
    assert created.captions == 2
    assert (tmp_path / "p" / "dataset" / "a_2.txt").read_text() == "red hat"


@given(st.lists(st.text(st.sampled_from("aAbB_2"), min_size=1, max_size=3), max_size=12))
def test_free_names_never_collide(stems):
    names = [f"{stem}.{kind}" for stem in dict.fromkeys(stems) for kind in ("png", "jpg")]
    given_names = free_names(names)
    kept = [Path(name).with_suffix("").as_posix().casefold() for name in given_names.values()]
    assert len(set(kept)) == len(names)
    assert all(Path(old).suffix == Path(new).suffix for old, new in given_names.items())


def test_nothing_is_overwritten(tmp_path):
    source = write_pairs(tmp_path / "source")
    create_project(tmp_path / "p", source)
    before = digests(tmp_path / "p")
    with pytest.raises(AppError, match="is there already"):
        create_project(tmp_path / "p", source)
    assert digests(tmp_path / "p") == before


def test_a_folder_without_images_makes_no_project(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(AppError, match="holds no images"):
        create_project(tmp_path / "p", tmp_path / "empty")
    with pytest.raises(AppError, match="no such folder of captions"):
        create_project(tmp_path / "p", write_pairs(tmp_path / "s"), tmp_path / "nowhere")
    assert not (tmp_path / "p").exists()


def test_full_disk_leaves_nothing_half_made(tmp_path, monkeypatch):
    source = write_pairs(tmp_path / "source")
    copied = []

    def full(src, dst):
        copied.append(dst)
        if len(copied) > 3:
            raise OSError(errno.ENOSPC, "No space left on device", str(dst))
        return Path(dst).write_bytes(Path(src).read_bytes())

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(AppError, match="no space") as caught:
        create_project(tmp_path / "p", source)
    assert caught.value.kind == "disk_full"
    assert not (tmp_path / "p").exists()


def test_full_disk_at_the_last_file(tmp_path, monkeypatch):
    source = write_pairs(tmp_path / "source")

    def full(_project):
        raise AppError("the disk is full", kind="disk_full")

    monkeypatch.setattr(projects, "save", full)
    with pytest.raises(AppError):
        create_project(tmp_path / "p", source)
    assert not (tmp_path / "p").exists()
    monkeypatch.undo()
    assert create_project(tmp_path / "p", source).images == 3


def test_save_keeps_comments_order_and_unknown_keys(tmp_path):
    folder = written(
        tmp_path,
        '# mine\nname = "x"  # the name\nfuture = 7\nschema = 1\nnative_size = 24\n'
        'trigger = ""\nseparator = ","\ncaption_extension = ".txt"\n\n'
        '[[dataset]]\nfolder = "dataset"  # here\nrepeats = 1\n',
    )
    project = open_project(folder)
    before = project.path.read_text("utf-8")
    save(project)
    assert project.path.read_text("utf-8") == before
    project.name, project.native_size = "y", 32
    save(project)
    after = project.path.read_text("utf-8")
    assert after == before.replace('"x"', '"y"').replace("24", "32")


def test_datasets_outside_the_project_and_moved_projects(tmp_path):
    outside = tmp_path / "elsewhere"
    project = Project(tmp_path / "p", "p", [(outside, 2), (tmp_path / "p" / "dataset", 1)])
    (tmp_path / "p").mkdir()
    save(project)
    assert open_project(tmp_path / "p").dataset_dirs == project.dataset_dirs
    moved = (tmp_path / "p").rename(tmp_path / "q")
    assert open_project(moved).dataset_dirs == [(outside, 2), (moved / "dataset", 1)]


def test_find_looks_upwards(tmp_path):
    created = create_project(tmp_path / "p", write_pairs(tmp_path / "s")).project
    inside = created.prepared_dir / "384"
    found = find_project(inside)
    assert found is not None
    assert found.folder == created.folder
    assert find_project(tmp_path) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "not readable TOML"),
        ("schema = 99", "newer Bespoke"),
        ("native_size = -1", "native_size = -1 must be"),
        ("native_size = true", "must be a whole number"),
        ("name = 5", "must be a text"),
        ('caption_extension = "txt"', "must be a suffix"),
        ('caption_extension = "./x"', "must be a suffix"),
        ("dataset = 3", "must be one or more"),
        ("[[dataset]]\nrepeats = 1", "dataset.folder"),
        ('[[dataset]]\nfolder = "a"\nrepeats = 0', "repeats = 0"),
        ("a = " + "[" * 5000, "not readable TOML"),
        ("x = 1\n" * 200_000, "far too large"),
    ],
)
def test_broken_and_absurd_project_files_name_file_and_line(tmp_path, text, said):
    with pytest.raises(AppError, match=said) as caught:
        open_project(written(tmp_path, text))
    assert "bespoke.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_and_binary_project_files(tmp_path):
    with pytest.raises(AppError, match="no such file"):
        open_project(tmp_path)
    (tmp_path / "bespoke.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(AppError, match="not UTF-8"):
        open_project(tmp_path)


def test_an_empty_project_file_gets_defaults(tmp_path):
    project = open_project(written(tmp_path, ""))
    assert project.name == tmp_path.name
    assert project.dataset_dirs == [(tmp_path / "dataset", 1)]
    assert (project.native_size, project.separator) == (24, ",")


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30),
    st.integers(1, 512),
)
def test_every_value_comes_back(tmp_path_factory, name, trigger, native):
    folder = tmp_path_factory.mktemp("p")
    project = Project(folder, name or "x", [(folder / "dataset", 1)], native, trigger)
    save(project)
    assert open_project(folder) == project


@pytest.mark.punks
def test_the_reference_pairs_become_a_project(punks, tmp_path):
    created = create_project(tmp_path / "p", punks / "train_512px", punks / "captions_after")
    assert (created.images, created.captions) == (203, 203)
    dataset = digests(tmp_path / "p" / "dataset")
    assert {k: v for k, v in dataset.items() if k.endswith(".png")} == digests(
        punks / "train_512px"
    )
    assert {k: v for k, v in dataset.items() if k.endswith(".txt")} == digests(
        punks / "captions_after"
    )
