"""Findings of a set's health in `check`: what is worth acting on, and what somebody settled."""

import numpy as np
from PIL import Image

from bespoke_gui.core.check import check_target
from bespoke_gui.core.health.kept import keep_pair
from bespoke_gui.core.health.report import read_health
from bespoke_gui.core.lint_ignored import ignore_place, read_ignored
from bespoke_gui.core.prepared.decided import decide, source_of
from bespoke_gui.core.project import create_project
from tests.core.health_kit import drawn, make_set, write

CODES = {
    "duplicate_image", "near_duplicate_image", "no_native_grid", "off_grid_pixels", "flat_image",
}  # fmt: skip


def planted(folder):
    make_set(folder)
    near = drawn(3).copy()
    near[9, 5] = (255, 255, 255)
    write(folder, "near.png", near)
    write(folder, "same.png", drawn(6), scale=12)
    write(folder, "flat.png", np.full((24, 24, 3), 90, np.uint8))
    stray = drawn(54).repeat(8, axis=0).repeat(8, axis=1)
    stray[3, 3] = (255, 0, 0)
    Image.fromarray(stray).save(folder / "stray.png")
    noise = np.random.default_rng(1).normal(128, 40, (192, 192, 3)).clip(0, 255)
    Image.fromarray(noise.astype(np.uint8)).save(folder / "noise.png")
    return folder


def found(path):
    return {(p.code, p.file, p.severity) for p in check_target(path).problems if p.code in CODES}


def test_a_folder_is_checked_for_what_is_twice_there_or_odd(tmp_path):
    folder = planted(tmp_path / "set")
    assert found(folder) == {
        ("duplicate_image", "same.png", "warning"),
        ("near_duplicate_image", "p3.png", "info"),
        ("flat_image", "flat.png", "warning"),
        ("off_grid_pixels", "stray.png", "warning"),
        ("no_native_grid", "noise.png", "warning"),
    }


def test_a_good_set_has_no_such_finding(tmp_path):
    make_set(tmp_path / "set")
    assert found(tmp_path / "set") == set()


def test_a_project_is_checked_by_its_native_size_and_what_was_settled(tmp_path):
    folder = create_project(tmp_path / "project", planted(tmp_path / "set")).project.folder
    before = found(folder)
    assert ("near_duplicate_image", "p3.png", "info") in before
    keep_pair(folder, "p3.png", "near.png")
    assert before - found(folder) == {("near_duplicate_image", "p3.png", "info")}
    (pair,) = read_health(folder).near.pairs
    assert pair.kept
    assert pair.as_dict()["kept"] is True


def test_pixels_off_the_grid_that_were_decided_about_are_not_named_again(tmp_path):
    folder = create_project(tmp_path / "project", planted(tmp_path / "set")).project.folder
    finding = ("off_grid_pixels", "stray.png", "warning")
    dataset, project = source_of(folder)
    assert finding in found(folder)
    decide(dataset, project, {"stray.png": "keep"})
    assert finding not in found(folder)
    assert "off_grid" not in {outlier.kind for outlier in read_health(folder).outliers}
    with Image.open(folder / "dataset" / "stray.png") as image:
        image.putpixel((20, 20), (0, 255, 0))
        image.save(folder / "dataset" / "stray.png")
    assert finding in found(folder)
    assert "off_grid" in {outlier.kind for outlier in read_health(folder).outliers}
    (folder / "off_grid.toml").write_text("not toml", encoding="utf-8")
    assert finding in found(folder)


def test_settling_and_asking_again_leaves_other_notes_alone(tmp_path):
    folder = create_project(tmp_path / "project", planted(tmp_path / "set")).project.folder
    ignore_place(folder, "spelling", "thinener", "p1")
    note = (folder / "lint.toml").read_text(encoding="utf-8")
    keep_pair(folder, "near.png", "p3.png")
    keep_pair(folder, "near.png", "p3.png")
    assert len(read_ignored(folder).places) == 2
    keep_pair(folder, "p3.png", "near.png", kept=False)
    assert (folder / "lint.toml").read_text(encoding="utf-8") == note
    assert not read_health(folder).near.pairs[0].kept
