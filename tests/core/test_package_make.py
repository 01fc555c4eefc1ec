"""Making a package as a person does: compared with the last, judged, logged, the old one kept."""

import os
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from bespoke_gui.core import package_images, package_make
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.package import build_package
from bespoke_gui.core.package_changes import changes_since
from bespoke_gui.core.package_make import Made, Memory, Order, make_package, preview_package
from bespoke_gui.core.package_verify import inspect_package
from bespoke_gui.core.project import create_project, save
from tests.core._packages import CONFIG, write_config, write_image, write_pairs, write_zip

DAY = 1_800_000_000.0


@pytest.fixture
def order(tmp_path) -> Order:
    pairs = write_pairs(tmp_path / "1_punk")
    return Order(pairs, write_config(tmp_path), tmp_path / "out" / "p.zip")


def make(order: Order) -> Made:
    return make_package(order, now=lambda: DAY)


def entries(log: Path) -> list[str]:
    return re.split(r"^## ", log.read_text("utf-8"), flags=re.MULTILINE)[1:]


def change(order: Order) -> None:
    """One caption, one image and one more pair, two config keys."""
    (order.dataset / "a.txt").write_text("pixel art, blue hat, portrait a", "utf-8")
    write_image(order.dataset / "b.png", (32, 32), (1, 2, 3))
    write_pairs(order.dataset, ["d"])
    text = CONFIG.replace("max_train_epochs = 2", "max_train_epochs = 3")
    write_config(order.config.parent, text.replace("seed = 42", "noise_offset = 0.1"))


def test_the_first_package(order):
    made = make(order)
    assert (made.changes, made.since, made.backup) == (None, None, None)
    assert made.log == order.out.with_name("p.log.md")
    text = made.log.read_text("utf-8")
    assert text.startswith("# Log of p.zip\n")
    assert made.report.sha256 in text
    assert "nothing to compare it with" in text
    assert "3 images, 3 captions, 1x an epoch" in text
    assert f"echo '{made.report.sha256}  p.zip' | sha256sum -c" in text


def test_what_changed_is_counted_told_and_the_old_one_kept(order):
    first = make(order)
    old = order.out.read_bytes()
    change(order)
    told = preview_package(order)
    assert order.out.read_bytes() == old
    made = make(order)
    assert told.changes == made.changes
    assert made.changes is not None
    assert made.changes.words == (
        "1 caption changed, 1 caption added, 1 image changed, 1 image added, 3 config keys changed"
    )
    assert made.changes.captions_changed[0].lossy
    (image,) = made.changes.images_changed
    assert (image.size_before, image.size_after) == ((64, 64), (32, 32))
    assert (image.colours_before, image.colours_after) == (1, 1)
    assert made.backup is not None
    assert made.backup.read_bytes() == old
    assert made.backup.name == f"p_{first.report.sha256[:8]}.zip"
    assert made.log is not None
    newest, oldest = entries(made.log)
    assert "**1 of 4 captions changed**; 1 of them lost words" in newest
    assert "**1 of 4 images changed:** 64x64 → 32x32, 1 → 1 colours an image" in newest
    assert re.search(r"^max_train_epochs = 3 +# ← from 2$", newest, re.MULTILINE)
    assert re.search(r"^# seed taken out +# ← was 42", newest, re.MULTILINE)
    assert "BEFORE: pixel art, red hat, portrait a\nAFTER:  pixel art, blue hat" in newest
    assert f"`backups/{made.backup.name}`" in newest
    assert "d.txt" not in newest
    assert first.report.sha256 in oldest
    assert changes_since(made.backup, order.out) == made.changes


def test_nothing_new_leaves_everything_as_it_was(order):
    first = make(order)
    log = first.log.read_text("utf-8") if first.log else ""
    again = make(order)
    assert again.changes is not None
    assert not again.changes
    assert again.changes.words == "nothing changed"
    assert again.log is not None
    assert again.log.read_text("utf-8") == log
    assert not (order.out.parent / "backups").exists()


def test_a_package_of_another_name_is_compared_with_the_newest(order):
    make(order)
    other = Order(order.dataset, order.config, order.out.with_name("q.zip"))
    made = make(other)
    assert made.since == order.out
    assert made.backup is None
    assert made.log == other.out.with_name("q.log.md")


def after(times: int):
    """Return what says "go on" so often, then "stop"."""
    answers = iter([False] * times)
    return lambda: next(answers, True)


@pytest.mark.parametrize("stop_after", [1, 5, 9, 10, 12])
def test_cancel_leaves_nothing_and_brings_everything_back(order, stop_after):
    with pytest.raises(AppError) as caught:
        make_package(order, cancelled=after(stop_after))
    assert caught.value.kind == "cancelled"
    assert list(order.out.parent.iterdir()) == []
    make(order)
    before = {p: p.read_bytes() for p in order.out.parent.rglob("*") if p.is_file()}
    change(order)
    with pytest.raises(AppError):
        make_package(order, cancelled=after(stop_after))
    assert {p: p.read_bytes() for p in order.out.parent.rglob("*") if p.is_file()} == before


def test_an_older_backup_is_never_taken_away(order):
    first = make(order)
    change(order)
    kept = make(order).backup
    assert kept is not None
    shutil.copy2(kept, order.out)  # the first one again, by hand
    with pytest.raises(AppError):
        make_package(order, cancelled=lambda: True)
    assert kept.exists()
    assert inspect_package(order.out).sha256 == first.report.sha256


def test_a_full_disk_while_keeping_the_old_one(order, monkeypatch):
    make(order)
    old = order.out.read_bytes()
    change(order)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "hardlink_to", full)
    monkeypatch.setattr(package_make.shutil, "copy2", full)
    with pytest.raises(AppError, match="cannot be kept, nothing was made"):
        make(order)
    assert order.out.read_bytes() == old


def test_a_log_that_cannot_be_written_does_not_lose_the_package(order, monkeypatch):
    def refuse(*_):
        raise AppError("cannot be written", file="p.log.md")

    monkeypatch.setattr(package_make, "write_log", refuse)
    made = make(order)
    assert made.report.package.exists()
    assert "no_log" in {p.code for p in made.problems}


def test_a_broken_older_package_is_no_reason_not_to_make_one(order):
    make(order)
    data = bytearray(order.out.read_bytes())
    data[40] ^= 255
    order.out.write_bytes(data)
    made = make(order)
    assert made.found.ok
    assert made.backup is not None


def test_the_preview_judges_as_the_package_will_be_judged(tmp_path):
    """Also with faults: a preview that is kinder than the package would be worth nothing."""
    pairs = write_pairs(tmp_path / "1_x")
    (pairs / "b.txt").unlink()
    (pairs / "c.txt").write_text("", "utf-8")
    config = write_config(tmp_path, CONFIG + "bucket_resolution = 3\n")
    order = Order(pairs, config, tmp_path / "out" / "p.zip")
    seen = []
    preview = preview_package(order, lambda *told: seen.append(told))
    assert [done for done, _, _ in seen] == [1, 2, 3]
    assert not (tmp_path / "out").exists()
    build_package(pairs, config, order.out)
    found = inspect_package(order.out)
    assert preview.found.problems == found.problems
    assert preview.found.folders == found.folders
    assert {"missing_caption", "empty_caption", "unknown_key"} <= {p.code for p in found.problems}
    assert not preview.found.ok


def test_a_preview_decodes_only_what_is_new(order, monkeypatch):
    make(order)
    memory = Memory()
    first = preview_package(order, memory=memory)
    looked = []
    real = package_images.look_at
    monkeypatch.setattr(
        package_images, "look_at", lambda tree, name: looked.append(name) or real(tree, name)
    )
    assert preview_package(order, memory=memory).found.problems == first.found.problems
    assert looked == []
    files = {Path(path).name for path, _, _ in memory.hashes}
    assert files == {f"{n}{suffix}" for n in "abc" for suffix in (".png", ".txt")}
    write_image(order.dataset / "b.png", (32, 32))
    changed = preview_package(order, memory=memory)
    assert [Path(name).name for name in looked] == ["b.png"]
    assert (32, 32) in changed.found.sizes
    assert changed.changes is not None
    assert changed.changes.words == "1 image changed"


def test_what_a_killed_build_left_is_swept_away(order):
    make(order)
    left = order.out.with_name(".p.zip.x.bespoke.tmp")
    left.write_bytes(b"half")
    os.utime(left, (1, 1))
    change(order)
    make(order)
    assert not left.exists()


def test_renamed_folders_do_not_make_every_file_new(tmp_path):
    config = write_config(tmp_path)
    pairs = write_pairs(tmp_path / "set")
    build_package(pairs, config, tmp_path / "a.zip", repeats=1, class_word="punk")
    build_package(pairs, config, tmp_path / "b.zip", repeats=5, class_word="punk")
    changes = changes_since(tmp_path / "a.zip", tmp_path / "b.zip")
    assert changes.words == "1 folder renamed"
    assert changes.folders == [("1_punk", "5_punk")]


def test_a_package_made_by_hand_can_be_compared_too(tmp_path):
    config = write_config(tmp_path)
    pairs = write_pairs(tmp_path / "1_x")
    build_package(pairs, config, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as source:
        files = {n: source.read(n) for n in source.namelist() if not n.endswith("manifest.json")}
    write_zip(tmp_path / "b.zip", {**files, "runpod_package/training_data/1_x/a.txt": "new"})
    assert changes_since(tmp_path / "a.zip", tmp_path / "b.zip").words == "1 caption changed"
    assert changes_since(tmp_path / "b.zip", tmp_path / "a.zip").words == "1 caption changed"


def test_regularisation_images_are_told_apart(tmp_path):
    project = create_project(tmp_path / "p", write_pairs(tmp_path / "s"), name="punk").project
    config = write_config(tmp_path)
    build_package(project.folder, config, tmp_path / "a.zip")
    project.reg_dirs = [(write_pairs(tmp_path / "1_person", ["a"]), 1)]
    save(project)
    build_package(project.folder, config, tmp_path / "b.zip")
    changes = changes_since(tmp_path / "a.zip", tmp_path / "b.zip")
    assert changes.images_added == ["reg/a.png"]
    assert [change.key for change in changes.config.changes] == ["reg_data_dir"]


def test_names_with_odd_signs_stay_one_command(tmp_path):
    out = tmp_path / "my `ls` $HOME.zip"
    order = Order(write_pairs(tmp_path / "1_x"), write_config(tmp_path), out)
    log = make(order).log
    assert log is not None
    line = next(line for line in log.read_text("utf-8").splitlines() if line.startswith("unzip"))
    assert line == "unzip -q 'my `ls` $HOME.zip'"


@pytest.mark.punks
def test_the_reference_users_phase_2(punks, tmp_path):
    """Captions before and after, 512 px and the Lanczos sample: the log says what that did."""
    images = sorted((punks / "lanczos_256px_sample").glob("*.png"))
    sets = {}
    for name, folder, captions in (
        ("before", "train_512px", "captions_before"),
        ("after", "lanczos_256px_sample", "captions_after"),
    ):
        sets[name] = tmp_path / name / "1_bespoke_baby"
        sets[name].mkdir(parents=True)
        for image in images:
            shutil.copy(punks / folder / image.name, sets[name])
            shutil.copy((punks / captions / image.name).with_suffix(".txt"), sets[name])
    configs = punks / "configs"
    out = tmp_path / "p.zip"
    make(Order(sets["before"], configs / "training_config_512px.toml", out))
    made = make(Order(sets["after"], configs / "training_config_256px.toml", out))
    assert made.changes is not None
    assert len(made.changes.images_changed) == len(images)
    assert made.log is not None
    newest = entries(made.log)[0]
    assert "512x512 → 256x256" in newest
    for before, after in re.findall(r"(\d+) → (\d+) colours an image", newest):
        assert int(after) > 10 * int(before)
    assert re.search(r'^resolution = "256,256" +# ← from "512,512"', newest, re.MULTILINE)
