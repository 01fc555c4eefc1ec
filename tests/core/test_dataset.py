"""Dataset: every image and caption is found once, and odd names are said, never lost."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.dataset import (
    caption_name,
    folder_repeats,
    named_repeats,
    natural_key,
    scan,
)
from bespoke_gui.core.errors import AppError


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return folder


def codes(dataset):
    return {(problem.code, problem.file) for problem in dataset.problems}


def test_pairs_are_found_in_natural_order(tmp_path):
    touch(tmp_path, "lad_10.png", "lad_9.png", "lad_9.txt", "LAD_2.JPG", "sub/x.webp", "sub/x.txt")
    dataset = scan(tmp_path)
    assert [item.name for item in dataset.items] == [
        "LAD_2.JPG", "lad_9.png", "lad_10.png", "sub/x.webp",
    ]  # fmt: skip
    assert [item.has_caption for item in dataset.items] == [False, True, False, True]
    assert dataset.captions == 2
    assert dataset.problems == []
    assert dataset.items[1].stem == "lad_9"


def test_caption_path_is_expected_even_where_it_is_missing(tmp_path):
    touch(tmp_path, "a.b.png")
    assert scan(tmp_path).items[0].caption == tmp_path / "a.b.txt"
    assert scan(tmp_path, ".caption").items[0].caption == tmp_path / "a.b.caption"


def test_same_stem_and_lonely_captions_are_findings(tmp_path):
    touch(tmp_path, "a.png", "a.jpg", "a.txt", "b.txt")
    found = codes(scan(tmp_path))
    assert ("same_stem", "a.png") in found
    assert ("caption_without_image", "b.txt") in found
    assert all(item.has_caption for item in scan(tmp_path).items)


def test_names_that_differ_in_case_only(tmp_path):
    touch(tmp_path, "A.png", "a.png")
    if len(list(tmp_path.iterdir())) == 1:
        pytest.skip("this file system does not tell upper from lower case")
    assert ("same_stem", "a.png") in codes(scan(tmp_path))


def test_caption_in_wrong_case_is_an_error_for_the_trainer(tmp_path):
    touch(tmp_path, "a.png", "a.TXT")
    dataset = scan(tmp_path)
    if dataset.items[0].caption.exists():
        pytest.skip("this file system does not tell upper from lower case")
    assert codes(dataset) == {("caption_wrong_case", "a.TXT")}
    assert dataset.problems[0].severity == "error"


def test_hidden_files_and_folders_stay_out(tmp_path):
    touch(tmp_path, ".bespoke/a.png", ".b.png", "c.png", "d.npz", "notes.md")
    assert [item.name for item in scan(tmp_path).items] == ["c.png"]


def test_links_to_folders_are_not_followed(tmp_path):
    folder = touch(tmp_path / "set", "a.png")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    assert [item.name for item in scan(folder).items] == ["a.png"]


def test_missing_folder_and_file_are_refused(tmp_path):
    with pytest.raises(AppError, match="no such folder"):
        scan(tmp_path / "nowhere")
    with pytest.raises(AppError, match="is a file"):
        scan(touch(tmp_path, "a.png") / "a.png")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_folders_without_rights(tmp_path):
    locked = touch(tmp_path, "locked/a.png", "b.png") / "locked"
    locked.chmod(0)
    try:
        dataset = scan(tmp_path)
        assert [item.name for item in dataset.items] == ["b.png"]
        assert ("unreadable_folder", "locked") in codes(dataset)
        with pytest.raises(AppError, match="cannot be read"):
            scan(locked)
    finally:
        locked.chmod(0o755)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("1_bespoke_baby", (1, "bespoke_baby")),
        ("10_x", (10, "x")),
        ("3", (3, "")),
        ("0_x", None),
        ("x_1", None),
        ("training_data", None),
        ("1 x", None),
        ("-1_x", None),
    ],
)
def test_folder_names_are_read_as_the_trainer_does(name, wanted):
    assert folder_repeats(name) == wanted


def test_a_bare_number_is_a_size_not_repeats():
    assert named_repeats("384") is None
    assert named_repeats("2_") is None
    assert named_repeats("2_punk") == (2, "punk")


@given(st.text(st.sampled_from("ab_.-1é "), min_size=1, max_size=8))
def test_caption_name_is_what_the_trainer_builds(stem):
    image = f"1_x/a{stem}.png"
    assert caption_name(image, ".txt") == os.path.splitext(image)[0] + ".txt"  # noqa: PTH122


@given(st.lists(st.text(max_size=8), max_size=8))
def test_natural_order_is_total(names):
    ordered = sorted(names, key=natural_key)
    backwards = ordered[::-1]
    assert sorted(backwards, key=natural_key) == ordered


@pytest.mark.punks
def test_the_reference_images_and_captions(punks):
    assert len(scan(punks / "train_512px").items) == 203
    assert len(scan(punks / "captions_after").problems) == 203
