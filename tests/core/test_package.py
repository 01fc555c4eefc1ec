"""Package: what is written trains by the trainer's own rules, and is the same every time."""

import hashlib
import json
import os
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bespoke_gui import __version__
from bespoke_gui.core import package, package_zip
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.package import build_package, open_package, verify_package
from bespoke_gui.core.project import create_project, save
from tests.core._packages import CONFIG, as_trainer, write_config, write_image, write_pairs


@pytest.fixture
def pairs(tmp_path) -> Path:
    return write_pairs(tmp_path / "1_punk")


@pytest.fixture
def config(tmp_path) -> Path:
    return write_config(tmp_path)


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as source:
        return {name: source.read(name) for name in source.namelist()}


def test_layout_and_bytes(pairs, config, tmp_path):
    report = build_package(pairs, config, tmp_path / "p.zip")
    inside = members(report.package)
    assert (
        sorted(inside)
        == report.files
        == [
            "runpod_package/README.md",
            "runpod_package/manifest.json",
            "runpod_package/run.sh",
            "runpod_package/training_config.toml",
            *(
                f"runpod_package/training_data/1_punk/{name}.{kind}"
                for name in "abc"
                for kind in ("png", "txt")
            ),
        ]
    )
    for name in ("a.png", "a.txt"):
        packed = inside[f"runpod_package/training_data/1_punk/{name}"]
        assert packed == (pairs / name).read_bytes()
    assert (report.images, report.captions) == (3, 3)
    data = report.package.read_bytes()
    assert (report.bytes, report.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_the_trainer_finds_everything(pairs, config, tmp_path):
    build_package(pairs, config, tmp_path / "p.zip")
    found = as_trainer(tmp_path / "p.zip", tmp_path / "workspace")
    captions = {f"{n}.png": f"pixel art, red hat, portrait {n}" for n in "abc"}
    assert found == {"1_punk": (1, captions)}
    assert verify_package(tmp_path / "p.zip") == []


def test_only_paths_change_in_the_config(pairs, config, tmp_path):
    build_package(pairs, config, tmp_path / "p.zip")
    text = members(tmp_path / "p.zip")["runpod_package/training_config.toml"].decode()
    assert text == CONFIG.replace("/somewhere/", "/workspace/runpod_package/")
    assert config.read_text("utf-8") == CONFIG


def test_a_config_without_logging_gets_none(pairs, tmp_path):
    text = "\n".join(line for line in CONFIG.splitlines() if "logging" not in line)
    build_package(pairs, write_config(tmp_path, text), tmp_path / "p.zip", name="mine")
    packed = TrainingConfig(members(tmp_path / "p.zip")["mine/training_config.toml"].decode())
    assert "logging_dir" not in packed.values
    assert packed.get("output_dir") == "/workspace/mine/output"


def test_same_input_same_bytes(pairs, config, tmp_path, monkeypatch):
    first = build_package(pairs, config, tmp_path / "p.zip")
    moved = tmp_path / "elsewhere" / "1_punk"
    moved.parent.mkdir()
    pairs.rename(moved)
    for path in sorted(moved.iterdir(), reverse=True):
        copy = path.read_bytes()
        path.unlink()
        path.write_bytes(copy)
        os.utime(path, (1, 1))
        path.chmod(0o600)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    before = os.umask(0o077)
    try:
        second = build_package(moved, config, tmp_path / "other" / "q.zip")
    finally:
        os.umask(before)
    assert first.sha256 == second.sha256
    assert first.package.read_bytes() == second.package.read_bytes()


def test_manifest_tells_what_is_inside(pairs, config, tmp_path):
    build_package(pairs, config, tmp_path / "p.zip")
    inside = members(tmp_path / "p.zip")
    manifest = json.loads(inside.pop("runpod_package/manifest.json"))
    assert (manifest["bespoke"], manifest["images"]) == (__version__, 3)
    assert {f"runpod_package/{name}" for name in manifest["files"]} == set(inside)
    for name, entry in manifest["files"].items():
        data = inside[f"runpod_package/{name}"]
        assert entry == {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def test_stray_files_stay_out(pairs, config, tmp_path):
    for name in ("a_0064x0064_sd.npz", ".DS_Store", "notes.md", "a.png.bak", "manifest.json"):
        (pairs / name).write_bytes(b"x")
    write_image(pairs / "anim.gif")
    report = build_package(pairs, config, tmp_path / "p.zip")
    assert len(report.files) == 10
    assert {p.file for p in report.problems} == {"anim.gif"}


def test_folder_names_repeats_and_class(tmp_path, config):
    folder = write_pairs(tmp_path / "384")
    build_package(folder, config, tmp_path / "p.zip")
    assert "runpod_package/training_data/1_384/a.png" in members(tmp_path / "p.zip")
    build_package(folder, config, tmp_path / "p.zip", repeats=5, class_word="my punk!")
    assert "runpod_package/training_data/5_my_punk/a.png" in members(tmp_path / "p.zip")


def test_numbered_folders_keep_their_numbers_and_nested_images_come_up(tmp_path, config):
    root = tmp_path / "punks"
    write_pairs(root / "3_lad", ["a"])
    write_pairs(root / "2_lady", ["a"])
    write_pairs(root / "2_lady" / "old", ["b"])
    write_pairs(root / "more", ["a"])
    write_pairs(root, ["a"])
    build_package(root, config, tmp_path / "p.zip")
    found = as_trainer(tmp_path / "p.zip", tmp_path / "w")
    assert {name: (n, sorted(images)) for name, (n, images) in found.items()} == {
        "3_lad": (3, ["a.png"]),
        "2_lady": (2, ["a.png", "old_b.png"]),
        "1_punks": (1, ["a.png", "more_a.png"]),
    }
    assert found["2_lady"][1]["old_b.png"] == "pixel art, red hat, portrait b"


def test_a_project_is_packed_with_its_datasets_and_repeats(tmp_path, config):
    project = create_project(tmp_path / "p", write_pairs(tmp_path / "s"), name="Lady Punks").project
    project.dataset_dirs = [(project.folder / "dataset", 4), (write_pairs(tmp_path / "2_more"), 1)]
    save(project)
    build_package(project.folder, config, tmp_path / "p.zip")
    names = members(tmp_path / "p.zip")
    assert "runpod_package/training_data/4_Lady_Punks/a.png" in names
    assert "runpod_package/training_data/1_more/a.png" in names


def test_a_prepared_set_is_named_and_repeated_like_its_project(tmp_path, config):
    project = create_project(tmp_path / "p", write_pairs(tmp_path / "s"), name="punk").project
    project.dataset_dirs = [(project.folder / "dataset", 4)]
    save(project)
    write_pairs(project.prepared_dir / "384")
    build_package(project.prepared_dir / "384", config, tmp_path / "p.zip")
    assert "runpod_package/training_data/4_punk/a.png" in members(tmp_path / "p.zip")


def test_images_that_share_a_stem(tmp_path, config):
    folder = write_pairs(tmp_path / "1_x", ["a"])
    write_image(folder / "a.jpg")
    build_package(folder, config, tmp_path / "p.zip")
    found = as_trainer(tmp_path / "p.zip", tmp_path / "w")["1_x"][1]
    assert found == dict.fromkeys(["a.jpg", "a_2.png"], "pixel art, red hat, portrait a")


def test_names_that_other_systems_cannot_extract(tmp_path, config):
    folder = tmp_path / "1_x"
    write_image(folder / 'a:b*"c.png')
    report = build_package(folder, config, tmp_path / "p.zip")
    assert "runpod_package/training_data/1_x/a_b_c.png" in report.files


def test_names_taken_apart_by_macos_give_the_same_package(tmp_path, config):
    reports = []
    for form in ("NFC", "NFD"):
        folder = tmp_path / form / "1_x"
        name = unicodedata.normalize(form, "caf\u00e9")
        write_pairs(folder, [name])
        (folder / f"{name}.txt").write_text("red", "utf-8")
        write_image(folder / f"{name}.png")
        reports.append(build_package(folder, config, tmp_path / form / "p.zip"))
    assert reports[0].sha256 == reports[1].sha256
    assert "runpod_package/training_data/1_x/caf\u00e9.txt" in reports[1].files


@pytest.mark.parametrize("name", ["con.png", "x" * 240 + ".png", "\u00e9" * 120 + ".png"])
def test_names_no_system_or_zip_can_hold_are_changed(tmp_path, config, name):
    write_image(tmp_path / "1_x" / name)
    (tmp_path / "1_x" / name).with_suffix(".txt").write_text("red", "utf-8")
    report = build_package(tmp_path / "1_x", config, tmp_path / "p.zip")
    packed = [Path(file).name for file in report.files if file.endswith(".png")]
    assert packed != [name]
    assert len(packed[0].encode()) < 220
    assert [p for p in verify_package(report.package) if p.severity == "error"] == []


def test_progress_and_cancel(pairs, config, tmp_path):
    seen = []
    out = tmp_path / "out" / "p.zip"
    build_package(pairs, config, out, progress=lambda *told: seen.append(told))
    assert [done for done, _, _ in seen] == list(range(1, 10))
    assert {total for _, total, _ in seen} == {9}
    old = out.read_bytes()
    write_image(pairs / "new.png")
    for stop_after in (1, 4, 10):
        answers = iter([False] * stop_after + [True] * 99)
        with pytest.raises(AppError) as caught:
            build_package(pairs, config, out, cancelled=lambda answers=answers: next(answers))
        assert caught.value.kind == "cancelled"
        assert out.read_bytes() == old
        assert [path.name for path in out.parent.iterdir()] == ["p.zip"]


def test_a_disk_that_loses_bytes_is_noticed(pairs, config, tmp_path, monkeypatch):
    real = package_zip.CanonicalZip.add

    def lossy(self, name, data):
        real(self, name, data)
        if name.endswith("b.txt"):
            self._file.seek(-1, 2)
            self._file.write(b"?")

    monkeypatch.setattr(package_zip.CanonicalZip, "add", lossy)
    with pytest.raises(AppError, match=r"b\.txt was not written as read"):
        build_package(pairs, config, tmp_path / "p.zip")
    assert not (tmp_path / "p.zip").exists()


def test_a_header_that_was_written_wrong_is_noticed(pairs, config, tmp_path, monkeypatch):
    real = package_zip.CanonicalZip.close

    def lossy(self):
        real(self)
        self._file.seek(10)
        self._file.write(b"?")

    monkeypatch.setattr(package_zip.CanonicalZip, "close", lossy)
    with pytest.raises(AppError, match=r"the header of .*README\.md was not written as read"):
        build_package(pairs, config, tmp_path / "p.zip")
    assert not (tmp_path / "p.zip").exists()


def test_large_files_are_packed_piece_by_piece(tmp_path, config, monkeypatch):
    folder = write_pairs(tmp_path / "1_x", ["a"])
    small = build_package(folder, config, tmp_path / "p.zip")
    monkeypatch.setattr(package, "CHUNK", 16)
    assert build_package(folder, config, tmp_path / "q.zip").sha256 == small.sha256
    monkeypatch.setattr(package, "LARGEST", 20)
    with pytest.raises(AppError, match="larger than"):
        build_package(folder, config, tmp_path / "r.zip")


def test_it_never_writes_into_its_own_input(pairs, config):
    before = sorted(pairs.iterdir())
    for out in (pairs / "p.zip", pairs / "sub" / "p.zip", config):
        with pytest.raises(AppError) as caught:
            build_package(pairs, config, out)
        assert caught.value.kind == "usage"
    assert sorted(pairs.iterdir()) == before
    assert config.read_text("utf-8") == CONFIG
    with pytest.raises(AppError, match="is a folder"):
        build_package(pairs, config, pairs.parent)


def test_full_disk_keeps_the_old_package(pairs, config, tmp_path, monkeypatch):
    out = tmp_path / "out" / "p.zip"
    build_package(pairs, config, out)
    old = out.read_bytes()

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    write_image(pairs / "new.png")
    with pytest.raises(AppError) as caught:
        build_package(pairs, config, out)
    assert caught.value.kind == "disk_full"
    assert out.read_bytes() == old
    assert [path.name for path in out.parent.iterdir()] == ["p.zip"]


def test_what_cannot_be_packed_is_said(pairs, config, tmp_path):
    out = tmp_path / "p.zip"
    (tmp_path / "empty").mkdir()
    with pytest.raises(AppError, match="holds no images"):
        build_package(tmp_path / "empty", config, out)
    with pytest.raises(AppError, match="no such file"):
        build_package(pairs, tmp_path / "none.toml", out)
    with pytest.raises(AppError, match="no layout"):
        build_package(pairs, config, out, layout="moon")
    with pytest.raises(AppError, match="dataset_config"):
        build_package(pairs, write_config(tmp_path, CONFIG + "dataset_config = 'd'\n"), out)
    assert not out.exists()


def test_open_gives_config_and_folders(pairs, config, tmp_path):
    build_package(pairs, config, tmp_path / "p.zip")
    contents = open_package(tmp_path / "p.zip", tmp_path / "run" / "package")
    (folder,) = contents.data
    assert (folder.repeats, folder.class_word) == (1, "punk")
    assert Path(folder.folder).is_absolute()
    for name in ("a.png", "b.txt"):
        assert (Path(folder.folder) / name).read_bytes() == (pairs / name).read_bytes()
    assert contents.config.get("network_dim") == 8
    assert contents.config.path is not None
    assert contents.config.path.is_file()
    again = open_package(tmp_path / "run" / "package", tmp_path / "unused")
    assert again.data == contents.data
    assert not (tmp_path / "unused").exists()


def test_open_never_overwrites(pairs, config, tmp_path):
    build_package(pairs, config, tmp_path / "p.zip")
    with pytest.raises(AppError, match="is not empty"):
        open_package(tmp_path / "p.zip", pairs)
    assert len(list(pairs.iterdir())) == 6


def test_full_disk_while_opening_leaves_nothing(pairs, config, tmp_path, monkeypatch):
    build_package(pairs, config, tmp_path / "p.zip")

    def full(_path, _data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(AppError) as caught:
        open_package(tmp_path / "p.zip", tmp_path / "run" / "package")
    assert caught.value.kind == "disk_full"
    assert list((tmp_path / "run").iterdir()) == []


NAMES = st.text(st.sampled_from("aAb1_ \u00e9e\u0301\u0430.-:"), min_size=1, max_size=6).map(
    str.strip
)
TREES = st.dictionaries(
    st.tuples(st.sampled_from(["", "2_x", "sub", "3_y/deep"]), NAMES.filter(bool)),
    st.tuples(st.integers(0, 255), st.sampled_from([".png", ".jpg"])),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, max_examples=40)
@given(TREES, st.floats(0, 1, exclude_max=True), st.integers(0, 7))
def test_packages_of_any_tree_lose_nothing_and_are_reproducible(tmp_path_factory, tree, place, bit):
    base = tmp_path_factory.mktemp("tree")
    root, config = base / "set", write_config(base)
    written = set()
    for index, ((folder, stem), (shade, suffix)) in enumerate(tree.items()):
        path = root / folder / f"x{stem}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (64, 64), (shade, index, 0)).save(path)
        path.with_suffix(".txt").write_text(f"caption {stem}", "utf-8")
        written.add(hashlib.sha256(path.read_bytes()).hexdigest())
    report = build_package(root, config, base / "p.zip")
    assert report.sha256 == build_package(root, config, base / "q.zip").sha256
    packed = members(base / "p.zip")
    images = [data for name, data in packed.items() if name.endswith((".png", ".jpg"))]
    assert {hashlib.sha256(data).hexdigest() for data in images} == written
    assert len(images) == len(tree) == report.images
    assert [p for p in verify_package(base / "p.zip") if p.severity == "error"] == []
    found = as_trainer(base / "p.zip", base / "w")
    assert sum(len(inside) for _, inside in found.values()) == len(tree)
    broken = bytearray(report.package.read_bytes())
    broken[int(place * len(broken))] ^= 1 << bit
    (base / "broken.zip").write_bytes(broken)
    assert "error" in {p.severity for p in verify_package(base / "broken.zip")}


@pytest.mark.punks
def test_the_reference_pairs(punks, tmp_path):
    project = create_project(
        tmp_path / "p", punks / "train_512px", punks / "captions_after", "bespoke_baby"
    ).project
    config = punks / "configs" / "training_config_phase1b.toml"
    report = build_package(project.folder, config, tmp_path / "p.zip")
    found = as_trainer(report.package, tmp_path / "w")
    assert {name: (n, len(images)) for name, (n, images) in found.items()} == {
        "1_bespoke_baby": (1, 203)
    }
    packed = members(report.package)["runpod_package/training_config.toml"].decode("utf-8")
    before = config.read_text("utf-8").splitlines()
    changed = [new for old, new in zip(before, packed.splitlines(), strict=True) if old != new]
    assert [line.split(" = ")[0] for line in changed] == [
        "output_dir",
        "train_data_dir",
        "logging_dir",
    ]
    assert [p for p in verify_package(report.package) if p.severity == "error"] == []
