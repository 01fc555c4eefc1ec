"""Excluded images: kept out of everything that trains, listed in a file that people may edit."""

import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bespoke_gui.core.check import check_target
from bespoke_gui.core.dataset import scan
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.package import build_package
from bespoke_gui.core.pairs.exclude import exclude, include
from bespoke_gui.core.pairs.target import open_pairs
from bespoke_gui.core.prepare import prepare
from bespoke_gui.core.project import create_project, open_project, save
from bespoke_gui.core.run_request import data_folders
from tests.core._packages import write_config, write_image, write_pairs


@pytest.fixture
def project(tmp_path):
    write_pairs(tmp_path / "source")
    return create_project(tmp_path / "p", tmp_path / "source").project


def excluded(folder):
    return [item.name for item in scan(folder).items if item.excluded]


def test_an_excluded_image_is_flagged_and_nothing_is_deleted(project):
    dataset = project.folder / "dataset"
    before = {path.name: path.read_bytes() for path in dataset.iterdir()}
    pairs = open_pairs(project.folder)
    assert exclude(pairs, ["b.png"]) == ["b.png"]
    assert exclude(pairs, ["b.png"]) == []
    found = scan(dataset)
    assert [item.name for item in found.used] == ["a.png", "c.png"]
    assert excluded(dataset) == ["b.png"]
    assert found.problems == []
    text = (dataset / "excluded.txt").read_text("utf-8")
    assert text.startswith("# Images left out")
    assert text.endswith("\nb.png\n")
    assert include(pairs, ["b.png"]) == ["b.png"]
    assert {path.name: path.read_bytes() for path in dataset.iterdir()} == before


def test_a_list_edited_by_hand_is_kept(project):
    dataset = project.folder / "dataset"
    written = b"\xef\xbb\xbf# too dark\r\na\r\n\r\n  sub\\d.png  \r\nnobody.png\r\n"
    write_image(dataset / "sub" / "d.png")
    (dataset / "excluded.txt").write_bytes(written)
    assert excluded(dataset) == ["a.png", "sub/d.png"]
    (problem,) = [p for p in scan(dataset).problems if p.code == "excluded_not_found"]
    assert "nobody.png" in problem.message
    pairs = open_pairs(dataset)
    exclude(pairs, ["c.png"])
    assert (dataset / "excluded.txt").read_bytes() == written.rstrip(b"\r\n") + b"\r\nc.png\r\n"
    include(pairs, ["c.png", "sub/d.png"])
    text = b"\xef\xbb\xbf# too dark\r\na\r\n\r\nnobody.png\r\n"
    assert (dataset / "excluded.txt").read_bytes() == text


def test_including_one_of_two_images_of_a_stem_keeps_the_other_out(project):
    dataset = project.folder / "dataset"
    write_image(dataset / "a.jpg")
    (dataset / "excluded.txt").write_text("a\n")
    assert excluded(dataset) == ["a.jpg", "a.png"]
    include(open_pairs(dataset), ["a.png"])
    assert excluded(dataset) == ["a.jpg"]


def test_a_list_in_each_folder_so_that_a_folder_may_be_used_alone(project):
    dataset = project.folder / "dataset"
    write_pairs(dataset / "2_hats", ("x", "y"))
    exclude(open_pairs(project.folder), ["2_hats/x.png"])
    assert excluded(dataset) == ["2_hats/x.png"]
    assert excluded(dataset / "2_hats") == ["x.png"]


def test_an_image_called_excluded_keeps_its_caption(project):
    dataset = project.folder / "dataset"
    write_pairs(dataset, ("excluded",))
    with pytest.raises(AppError, match=r"belongs to the image excluded\.png"):
        exclude(open_pairs(dataset), ["a.png"])
    found = scan(dataset)
    assert [p.code for p in found.problems] == ["bad_exclusions"]
    assert found.captions == 4
    assert not found.items[-1].excluded


def test_an_unknown_image_writes_nothing(project):
    with pytest.raises(AppError, match=r"there is no image nobody\.png"):
        exclude(open_pairs(project.folder), ["a.png", "nobody.png"])
    assert excluded(project.folder / "dataset") == []


def test_kept_out_of_package_prepared_set_check_and_training(project, tmp_path):
    dataset = project.folder / "dataset"
    prepare(dataset, project.prepared_dir / "early", 64)
    exclude(open_pairs(project.folder), ["b.png"])
    config = write_config(tmp_path)
    for number, source in enumerate((project.folder, dataset, project.prepared_dir / "early")):
        report = build_package(source, config, tmp_path / f"{number}.zip")
        inside = {name.rpartition("/")[2] for name in zipfile.ZipFile(report.package).namelist()}
        assert {"a.png", "a.txt", "c.png"} < inside
        assert not {"b.png", "b.txt", "excluded.txt"} & inside
    report = prepare(dataset, project.prepared_dir / "late", 64)
    assert list(report.images) == ["a.png", "c.png"]
    assert not (report.folder / "b.png").exists()
    stats = check_target(project.folder).stats.as_dict()
    assert (stats["images"], stats["captions"], stats["excluded"]) == (2, 2, 1)
    for folder in (dataset, project.prepared_dir / "early"):
        assert [item.excluded for item in data_folders(folder)] == [["b.png"]]


def test_nothing_left_is_said(project):
    exclude(open_pairs(project.folder), ["a.png", "b.png", "c.png"])
    with pytest.raises(AppError, match="holds excluded images only"):
        prepare(project.folder / "dataset", project.folder / "out", 64)
    with pytest.raises(AppError, match="holds no images"):
        build_package(project.folder, write_config(project.folder), project.folder / "p.zip")


def test_a_new_project_keeps_out_what_was_excluded_where_it_comes_from(tmp_path):
    source = write_pairs(tmp_path / "source")
    write_image(source / "b.jpg")
    (source / "excluded.txt").write_text("b\n")
    made = create_project(tmp_path / "new", source).project
    assert excluded(made.folder / "dataset") == ["b.png", "b_2.jpg"] or excluded(
        made.folder / "dataset"
    ) == ["b.jpg", "b_2.png"]


def test_a_broken_list_excludes_nothing_and_is_told(project):
    (project.folder / "dataset" / "excluded.txt").mkdir()
    assert excluded(project.folder / "dataset") == []
    path = project.folder / "dataset" / "excluded.txt"
    path.rmdir()
    path.write_bytes(b"a.png\n" + b"\xff" * 40)
    assert excluded(project.folder / "dataset") == ["a.png"]


def test_prepared_sets_that_name_each_other_end(tmp_path):
    for name, other in (("one", "two"), ("two", "one")):
        write_pairs(tmp_path / name)
        manifest = {"source": f"../{other}", "images": {"a.png": {"file": "a.png"}}}
        (tmp_path / name / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "two" / "excluded.txt").write_text("a.png")
    assert excluded(tmp_path / "one") == ["a.png"]


def test_two_dataset_folders_of_one_name_are_told_apart(project, tmp_path):
    write_pairs(tmp_path / "elsewhere" / "dataset")
    project.dataset_dirs.append((tmp_path / "elsewhere" / "dataset", 2))
    save(project)
    pairs = open_pairs(project.folder)
    assert list(pairs.items()) == [
        f"{folder}/{name}.png" for folder in ("dataset", "dataset 2") for name in "abc"
    ]
    exclude(pairs, ["dataset 2/b.png"])
    assert excluded(tmp_path / "elsewhere" / "dataset") == ["b.png"]
    assert excluded(open_project(project.folder).folder / "dataset") == []


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from("abcdef"), max_size=12), st.binary(max_size=60))
def test_any_order_of_excluding_ends_where_it_should(tmp_path_factory, steps, found):
    folder = write_pairs(tmp_path_factory.mktemp("set"), "abcdef")
    (folder / "excluded.txt").write_bytes(found)
    pairs = open_pairs(folder)
    expected = set(excluded(folder))
    for stem in steps:
        name = f"{stem}.png"
        (include if name in expected else exclude)(pairs, [name])
        expected ^= {name}
        assert set(excluded(folder)) == expected
    assert len(scan(folder).items) == 6
