"""No file of a person is lost or replaced: every command that writes, on a folder in use."""

import hashlib
import json
import zipfile

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bespoke_gui.__main__ import console
from bespoke_gui.core.atomic import replacing
from bespoke_gui.core.gallery import import_gallery
from bespoke_gui.core.package import build_package
from bespoke_gui.core.portraits.demo_set import write_demo_set
from tests.bad_input import contents

CONFIG = '[training_arguments]\noutput_name = "punk"\nmax_train_epochs = 2\ntrain_data_dir = "x"\n'


@pytest.fixture
def portraits(tmp_path):
    folder = tmp_path / "portraits"
    write_demo_set(folder, count=4)
    return folder


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


@pytest.fixture
def bespoke(capsys):
    """Run a command with --json; return its exit code and its one object."""

    def call(*words):
        code = console([*map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


@pytest.fixture
def run(bespoke, portraits, config, tmp_path):
    folder = tmp_path / "run"
    done = bespoke("train", config, "--data", portraits, "--engine", "fake", "--run-dir", folder,
                   "--wait")  # fmt: skip
    assert done[0] == 0
    return folder


def codes(answer):
    return {(problem["code"], problem["file"]) for problem in answer["problems"]}


def refused(call, *words, kind="conflict"):
    code, answer = call(*words)
    assert (code, answer["error"]["kind"]) == (2 if kind == "usage" else 1, kind)


def test_prepare_again_leaves_what_a_person_changed(bespoke, portraits, tmp_path):
    out = tmp_path / "out"
    bespoke("prepare", portraits, out, "--size", "96")
    image, other = sorted(out.glob("*.png"))[:2]
    mended, caption = other.read_bytes(), "my own words\n"
    image.write_bytes(mended)
    image.with_suffix(".txt").write_text(caption, encoding="utf-8")
    for _ in range(2):
        code, answer = bespoke("prepare", portraits, out, "--size", "96")
        assert code == 0
        told = {("changed_since", image.name), ("changed_since", image.with_suffix(".txt").name)}
        assert told <= codes(answer)
        assert answer["images"][image.name]["native_exact"] is False
        assert image.read_bytes() == mended
        assert image.with_suffix(".txt").read_text("utf-8") == caption
    image.unlink()
    assert ("changed_since", image.name) not in codes(
        bespoke("prepare", portraits, out, "--size", "96")[1]
    )
    assert image.exists()


def test_prepare_does_not_take_a_name_that_a_person_used(bespoke, portraits, tmp_path):
    out, first = tmp_path / "out", min(portraits.glob("*.png"))
    bespoke("prepare", portraits, out, "--size", "96")
    own = (out / first.name).read_bytes()
    (out / "new.png").write_bytes(own)
    (portraits / "new.png").write_bytes(max(portraits.glob("*.png")).read_bytes())
    answer = bespoke("prepare", portraits, out, "--size", "96")[1]
    assert ("changed_since", "new.png") in codes(answer)
    assert (out / "new.png").read_bytes() == own


def test_a_manifest_cannot_have_files_elsewhere_deleted(bespoke, portraits, tmp_path):
    out, first = tmp_path / "out", min(portraits.glob("*.png"))
    bespoke("prepare", portraits, out, "--size", "96")
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    for number, key in enumerate(("file", "caption")):
        target = first if key == "file" else first.with_suffix(".txt")
        digest = hashlib.sha256(target.read_bytes()).hexdigest()
        record = dict(manifest["images"][first.name])
        record |= {key: f"../{portraits.name}/{target.name}", "sha256": digest,
                   "caption_sha256": digest}  # fmt: skip
        manifest["images"][f"gone_{number}.png"] = record
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    before = contents(portraits)
    assert bespoke("prepare", portraits, out, "--size", "96")[0] == 0
    assert contents(portraits) == before


def test_a_picture_cannot_have_itself_copied_elsewhere(tmp_path):
    source = tmp_path / "deep" / "source"
    source.mkdir(parents=True)
    texts = PngInfo()
    texts.add_text("bespoke", json.dumps({"epoch": 1, "prompt": "../../escaped", "seed": 1}))
    picture = Image.new("RGB", (24, 24))
    picture.save(source / "a.png", pnginfo=texts)
    (source / "epoch_02").mkdir()
    picture.save(source / "epoch_02" / "b.png")
    import_gallery(source, tmp_path / "deep" / "gallery")
    assert not list(tmp_path.rglob("escaped*"))


def test_a_package_replaces_only_a_package(bespoke, portraits, config, tmp_path):
    holidays, out = tmp_path / "holidays.zip", tmp_path / "p.zip"
    with zipfile.ZipFile(holidays, "w") as file:
        file.writestr("beach.jpg", b"sea")
    before = contents(tmp_path)
    for taken in (holidays, max(portraits.glob("*.txt")).rename(tmp_path / "notes.txt")):
        refused(bespoke, "package", portraits, "--config", config, "--out", taken)
    assert contents(tmp_path).keys() - before.keys() == {"notes.txt"}
    assert zipfile.ZipFile(holidays).read("beach.jpg") == b"sea"
    assert bespoke("package", portraits, "--config", config, "--out", out)[0] in (0, 1)
    assert bespoke("package", portraits, "--config", config, "--out", out)[1]["package"]


def test_a_package_that_was_written_wrong_keeps_the_old_one(
    portraits, config, tmp_path, monkeypatch
):
    out = tmp_path / "p.zip"
    build_package(portraits, config, out)
    old, real = out.read_bytes(), zipfile.ZipFile.read
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *args: real(*args)[:-1])
    with pytest.raises(Exception, match="was not written as read"):
        build_package(portraits, config, out)
    assert out.read_bytes() == old
    assert not list(tmp_path.glob(".*"))


def test_generate_never_mixes_with_other_images_or_a_project(bespoke, run, tmp_path, portraits):
    project, gallery, plain = tmp_path / "project", tmp_path / "gallery", tmp_path / "plain"
    bespoke("new", project, "--images", portraits)
    (project / "protocol.toml").write_text("# mine\n", encoding="utf-8")
    (plain / "epoch_01").mkdir(parents=True)
    (plain / "epoch_01" / "green_bg_lad.png").write_bytes(b"mine")
    words = ("--engine", "fake", "--base", "embedded", "--seeds")
    assert bespoke("generate", run, "--out", gallery, *words, "1")[0] == 0
    before = contents(tmp_path)
    refused(bespoke, "generate", run, "--out", project, *words, "1")
    refused(bespoke, "generate", run, "--out", plain, *words, "1")
    refused(bespoke, "generate", run, "--out", gallery, *words, "2")
    assert contents(tmp_path) == before
    assert bespoke("generate", run, "--out", gallery, *words, "1")[0] == 0


def test_generate_refuses_the_same_epoch_of_another_lora(bespoke, run, tmp_path):
    first, second = sorted((run / "outputs").glob("*.safetensors"))[:2]
    one, two = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    one.write_bytes(first.read_bytes())
    two.write_bytes(second.read_bytes().replace(b'"ss_epoch":"2"', b'"ss_epoch":"1"'))
    words = ("--out", tmp_path / "g", "--engine", "fake", "--base", "embedded")
    assert bespoke("generate", one, *words)[0] == 0
    before = contents(tmp_path / "g")
    code, answer = bespoke("generate", two, *words)
    assert (code, "another LoRA" in answer["error"]["message"]) == (1, True)
    assert contents(tmp_path / "g") == before


def test_a_run_never_goes_into_a_folder_in_use(bespoke, portraits, config, tmp_path):
    (tmp_path / "config.toml").write_text("# mine\n", encoding="utf-8")
    before = contents(tmp_path)
    refused(bespoke, "train", config, "--data", portraits, "--engine", "fake",
            "--run-dir", tmp_path)  # fmt: skip
    assert contents(tmp_path) == before


def test_reports_and_sheets_never_replace_what_they_show(bespoke, run, portraits, tmp_path):
    gallery = tmp_path / "g"
    bespoke("generate", run, "--out", gallery, "--engine", "fake", "--base", "embedded")
    image, drawn = gallery / "epoch_01" / "green_bg_lad.png", min(portraits.glob("*.png"))
    before = contents(tmp_path)
    refused(bespoke, "report", gallery, "--out", gallery / "gallery.json", kind="usage")
    refused(bespoke, "report", gallery, "--out", image, kind="usage")
    refused(bespoke, "images", "sheet", portraits, "--out", drawn, kind="usage")
    assert contents(tmp_path) == before


def test_restore_can_be_undone(bespoke, portraits):
    bespoke("captions", "snapshot", portraits, "good")
    path = min(portraits.glob("*.txt"))
    path.write_bytes("\ufeffhalf a day of work\r\n".encode())
    before = contents(portraits)[path.name]
    answer = bespoke("captions", "restore", portraits, "good")[1]
    assert contents(portraits)[path.name] != before
    assert bespoke("captions", "restore", portraits, answer["snapshot"])[0] == 0
    assert contents(portraits)[path.name] == before


def test_new_leaves_a_folder_in_use_as_it_is(bespoke, portraits, tmp_path):
    place = tmp_path / "place"
    (place / "configs").mkdir(parents=True)
    (place / "configs" / "mine.toml").write_text("a = 1\n", encoding="utf-8")
    (place / "dataset").write_text("a list", encoding="utf-8")
    before = contents(place)
    assert bespoke("new", place, "--images", portraits)[0] == 1
    assert contents(place) == before


def test_a_name_that_is_no_text_stops_nothing(bespoke, portraits, config, tmp_path):
    first = min(portraits.glob("*.png"))
    try:
        odd = first.with_name("b\udcff.png")
        odd.write_bytes(first.read_bytes())
        odd.with_suffix(".txt").write_text("pixel art", encoding="utf-8")
    except (OSError, UnicodeError):
        pytest.skip("this file system takes text only")
    name = "b\\udcff.png"
    assert name in bespoke("prepare", portraits, tmp_path / "out", "--size", "96")[1]["images"]
    answer = bespoke("package", portraits, "--config", config, "--out", tmp_path / "p.zip")[1]
    assert answer["images"] == 5
    assert bespoke("captions", "snapshot", portraits, "all")[1]["captions"] == 5


def test_an_error_while_writing_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.toml"
    path.write_bytes(b"old")

    def cut_off():
        with replacing(path) as file:
            file.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_off()
    assert contents(tmp_path) == {"a.toml": b"old"}
