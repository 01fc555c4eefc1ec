"""Restore: prepared sets come back from their manifest; nothing made by hand is lost."""

import hashlib
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from bespoke_gui.core.check import check_target
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.imagefile import read_rgb
from bespoke_gui.core.pixels.grid import full_frame
from bespoke_gui.core.pixels.native import to_native
from bespoke_gui.core.prepare import prepare
from bespoke_gui.core.prepared.damage import find_damage
from bespoke_gui.core.prepared.folder import JOURNAL, MANIFEST
from bespoke_gui.core.prepared.records import Decision
from bespoke_gui.core.prepared.restore import from_bin, restore, to_bin
from bespoke_gui.core.prepared.sets import find_sets, set_state
from bespoke_gui.core.project import create_project, open_project, save


def portrait(seed: int, size: int = 480) -> Image.Image:
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 256, (9, 3), dtype=np.uint8)[rng.integers(0, 9, (24, 24))]
    return Image.fromarray(cells).resize((size, size), Image.Resampling.NEAREST)


def digests(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files
    }


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(5):
        portrait(number).save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text(f"punk {number}")
    image = Image.open(folder / "4.png")
    image.putpixel((41, 41), (1, 2, 3))
    image.putpixel((42, 41), (1, 2, 3))
    image.save(folder / "4.png")
    return folder


@pytest.fixture
def made(source, tmp_path):
    out = tmp_path / "prepared" / "set"
    decided = {"4.png": Decision("keep"), "3.png": Decision("leave_out")}
    prepare(source, out, 256, fit="pad-cells", background=(1, 2, 3), decisions=decided)
    return out


def test_a_set_is_complete_until_something_changes(source, made):
    state = set_state(made)
    assert state.complete
    assert (state.images, state.settings.fit, state.settings.size) == (5, "pad-cells", 256)
    (made / "0.png").unlink()
    (made / "1.txt").write_text("by hand")
    portrait(77).save(source / "2.png")
    (source / "3.txt").write_text("other words")
    (source / "4.png").unlink()
    (source / "4.txt").unlink()
    portrait(9).save(source / "new.png")
    state = set_state(made)
    assert state.missing == ("0.png",)
    assert state.changed == ("1.txt",)
    assert state.source_changed == ("2.png",)
    assert state.captions == ("3.png",)
    assert state.source_gone == ("4.png",)
    assert state.source_new == ("new.png",)
    shutil.rmtree(source)
    assert "its source is gone" in set_state(made).words()


def test_a_set_comes_back_byte_for_byte(made, tmp_path):
    before = digests(made)
    for name in ("0.png", "1.png", "2.txt", "4.png"):
        (made / name).unlink()
    restored = restore(made)
    assert digests(made) == before
    assert (restored.same, restored.files, restored.put_aside) == (10, 10, [])
    copy = restore(made / MANIFEST, tmp_path / "copy").report
    assert {k: v for k, v in digests(copy.folder).items() if k != MANIFEST} == {
        k: v for k, v in before.items() if k != MANIFEST
    }


def test_a_manifest_alone_is_enough(made, tmp_path):
    before = digests(made)
    kept = (made / MANIFEST).read_bytes()
    shutil.rmtree(made)
    made.mkdir()
    (made / MANIFEST).write_bytes(kept)
    restore(made)
    assert digests(made) == before


def test_work_by_hand_is_moved_aside(made):
    (made / "0.png").write_bytes(b"my own work")
    restored = restore(made)
    assert [path.read_bytes() for path in restored.put_aside] == [b"my own work"]
    assert restored.put_aside[0].parent.name == "set changed by hand"
    assert set_state(made).complete


def test_only_its_own_images_and_those_gone_stay(source, made):
    portrait(50).save(source / "new.png")
    (source / "0.png").unlink()
    (source / "0.txt").unlink()
    portrait(51).save(source / "1.png")
    kept = (made / "0.png").read_bytes()
    report = restore(made).report
    assert (made / "0.png").read_bytes() == kept
    assert not (made / "new.png").exists()
    assert {p.file: p.code for p in report.problems if p.severity == "warning"} == {
        "0.png": "source_gone",
        "1.png": "source_changed",
    }
    assert set(json.loads((made / MANIFEST).read_text())["images"]) == set(report.images)
    assert len(report.images) == 5


def test_an_unfinished_set_is_finished(source, made):
    complete = digests(made)
    header = {
        k: json.loads((made / MANIFEST).read_text())[k]
        for k in ("schema", "source", "captions", "settings")
    }
    (made / JOURNAL).write_text(json.dumps(header) + "\n")
    (made / MANIFEST).unlink()
    (made / "2.png").unlink()
    assert set_state(made).unfinished
    restore(made)
    assert set(digests(made)) == set(complete)
    assert not (made / JOURNAL).exists()


def test_left_out_images_stay_out(source, tmp_path):
    out = tmp_path / "out"
    prepare(source, out, 384, decisions={"4.png": Decision("leave_out")})
    assert set_state(out).complete
    (out / "0.png").unlink()
    report = restore(out).report
    assert set(report.left_out) == {"4.png"}
    assert not (out / "4.png").exists()


def test_what_cannot_be_restored_says_why(source, made, tmp_path):
    shutil.rmtree(source)
    before = digests(made)
    with pytest.raises(AppError, match="are gone"):
        restore(made)
    assert digests(made) == before
    with pytest.raises(AppError, match=r"no manifest\.json"):
        restore(tmp_path)
    (made / MANIFEST).write_text("{}")
    assert set_state(made).problem == "is not a manifest of a prepared set"


def test_sets_of_a_project_go_to_the_bin_and_back(source, tmp_path):
    project = create_project(tmp_path / "punks", source).project
    out = project.prepared_dir / "a"
    prepare(project.folder / "dataset", out, 384)
    (project.prepared_dir / "mine").mkdir()
    assert find_sets(project.prepared_dir) == [out]
    before = digests(out)
    place = to_bin(out, project.folder)
    assert find_sets(project.prepared_dir) == []
    from_bin(place, out)
    assert digests(out) == before
    assert set_state(out).complete
    place = to_bin(out, project.folder)
    out.mkdir()
    with pytest.raises(AppError, match="is there by now"):
        from_bin(place, out)
    assert place.exists()


def test_a_project_of_several_folders_is_prepared_inside_it(source, tmp_path):
    project = create_project(tmp_path / "punks", source).project
    shutil.copytree(source, project.folder / "more")
    project.dataset_dirs.append((project.folder / "more", 1))
    save(project)
    from bespoke_gui.core.project_data import scan_project

    out = project.prepared_dir / "both"
    report = prepare(scan_project(open_project(project.folder)), out, 384)
    assert len(report.images) == 10
    (out / "more" / "0.png").unlink()
    assert restore(out).same == 20
    with pytest.raises(AppError, match="inside the source"):
        prepare(scan_project(project), project.folder / "more" / "out", 384)


@pytest.fixture
def resampled(source, tmp_path):
    folder = tmp_path / "resampled"
    folder.mkdir()
    for path in source.glob("[0-3].png"):
        with Image.open(path) as image:
            image.resize((256, 256), Image.Resampling.LANCZOS).save(folder / path.name)
    return folder


def test_a_resampled_set_is_recognised_and_recovered(source, resampled, tmp_path):
    damage = find_damage(sorted(resampled.glob("*.png")))
    assert (damage.damaged, damage.looked_at) == (4, 4)
    assert damage.colours > 100 * damage.native_colours / 9
    assert find_damage(sorted(source.glob("*.png"))) is None
    assert "pixels_resampled" in [p.code for p in check_target(resampled).problems]
    report = prepare(resampled, tmp_path / "repaired", 384)
    (said,) = [p for p in report.problems if p.code == "set_damaged"]
    assert "their native pixels were recovered" in said.hint
    assert report.summary["recovered"] == 4
    for number in range(4):
        cells = to_native(
            read_rgb(tmp_path / "repaired" / f"{number}.png"), full_frame(384, 384, 24, 24)
        )
        assert np.array_equal(cells, np.asarray(portrait(number, 24)))


@pytest.mark.punks
def test_the_real_resampled_set_is_recognised(punks):
    damage = find_damage(sorted((punks / "lanczos_256px_sample").glob("*.png")))
    assert damage.damaged == damage.looked_at == 11
    assert 1500 < damage.colours < 2500
    assert 20 < damage.native_colours < 40
    assert find_damage(sorted((punks / "train_512px").glob("*.png"))) is None
