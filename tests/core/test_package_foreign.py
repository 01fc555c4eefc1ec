"""Packages made by hand: every way they go wrong is said with file and fix."""

import io
import struct
import unicodedata
import warnings
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.package import open_package
from bespoke_gui.core.package_names import difference, skeleton
from bespoke_gui.core.package_verify import inspect_package, verify_package
from tests.core._packages import write_zip
from tests.core.test_package_verify import DATA, READY, SET, TOP, good_files, png


def judged(tmp_path: Path, changes: dict, *, without=()) -> dict[str, list[Problem]]:
    """Return what verify finds in a hand-made package, by code."""
    files = {n: d for n, d in {**good_files(), **changes}.items() if n not in without}
    found: dict[str, list[Problem]] = {}
    for problem in verify_package(write_zip(tmp_path / "p.zip", files)):
        found.setdefault(problem.code, []).append(problem)
    return found


@pytest.mark.parametrize(
    ("image", "caption", "words"),
    [
        ("B.png", "b.txt", "only in upper and lower case"),
        ("b.png", "b.TXT", "only in upper and lower case"),
        ("caf\u00e9.png", unicodedata.normalize("NFD", "caf\u00e9.txt"), "Unicode form"),
        ("yes.png", "\u0443es.txt", "looks the same"),
        ("lad.png", "l\u0430d.txt", "cyrillic small letter a"),
        ("lad.png", "lad\u200b.txt", "looks the same"),
    ],
)
def test_a_caption_whose_name_only_looks_right(tmp_path, image, caption, words):
    found = judged(tmp_path, {f"{SET}/{image}": png(), f"{SET}/{caption}": "red hat"})
    (problem,) = found["missing_caption"]
    assert problem.severity == "error"
    assert problem.file == f"{SET}/{image}"
    assert words in problem.message
    assert problem.hint.startswith("rename")


def test_names_that_would_replace_each_other(tmp_path):
    composed = unicodedata.normalize("NFC", f"{SET}/\u00e9.png")
    apart = unicodedata.normalize("NFD", composed)
    files = {composed: png(), apart: png()}
    files |= {name.replace(".png", ".txt"): "red" for name in files}
    found = judged(tmp_path, files)
    assert len(found["same_but_for_case"]) == 2
    assert "taken apart" in found["same_but_for_case"][0].message
    found = judged(tmp_path, {f"{SET}/\u0430.png": png(), f"{SET}/\u0430.txt": "x"})
    assert "cyrillic" in found["lookalike_name"][0].message


def test_signs_that_cannot_be_seen(tmp_path):
    found = judged(tmp_path, {f"{SET}/b\u202e.png": png(), f"{SET}/b\u202e.txt": "x"})
    assert "right-to-left override" in found["odd_name"][0].message


def test_a_data_folder_in_another_case(tmp_path):
    files = {n.replace("training_data", "Training_Data"): d for n, d in good_files().items()}
    found = {p.code: p for p in verify_package(write_zip(tmp_path / "p.zip", files))}
    problem = found["path_will_not_exist"]
    assert problem.severity == "error"
    assert problem.hint == f'write train_data_dir = "/workspace/{TOP}/Training_Data"'


@pytest.mark.parametrize(
    ("path", "severity"),
    [
        ("training_data", "error"),
        ("./training_data", "error"),
        ("C:\\\\punks\\\\training_data", "error"),
        (f"/workspace/{TOP}/training_data/1_punk", "error"),
        (f"/workspace/{TOP}/training_data/", ""),
    ],
)
def test_config_paths(tmp_path, path, severity):
    config = READY.replace(f"/workspace/{DATA}", path)
    found = judged(tmp_path, {f"{TOP}/training_config.toml": config})
    errors = {c for c, problems in found.items() if problems[0].severity == "error"}
    assert bool(errors) is bool(severity), found


def test_a_file_the_config_names_and_nobody_packed(tmp_path):
    text = READY + f'sample_prompts = "/workspace/{TOP}/prompts.txt"\n'
    found = judged(tmp_path, {f"{TOP}/training_config.toml": text})
    assert [p.where for p in found["path_will_not_exist"]] == ["sample_prompts"]
    found = judged(tmp_path, {f"{TOP}/training_config.toml": text, f"{TOP}/prompts.txt": "hat"})
    assert "path_will_not_exist" not in found


def test_keys_that_travel_in_the_open(tmp_path):
    text = READY + 'wandb_api_key = "abc"\n'
    found = judged(tmp_path, {f"{TOP}/training_config.toml": text})
    assert [p.where for p in found["secret"]] == ["wandb_api_key"]
    text = "# hf_CanaryCanaryCanary8\n" + READY
    (problem,) = judged(tmp_path, {f"{TOP}/training_config.toml": text})["secret"]
    assert problem.where == "line 1"
    assert "anary" not in problem.message


def test_a_zip_in_the_zip(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as target:
        target.writestr("a.png", png())
    images = [f"{SET}/a.png", f"{SET}/a.txt"]
    found = judged(tmp_path, {f"{DATA}/images.zip": inner.getvalue()}, without=images)
    assert found["archive_inside"][0].file == f"{DATA}/images.zip"
    assert found["no_data"][0].severity == "error"


def test_folders_without_a_number(tmp_path):
    files = {n.replace("1_punk", "punk_1"): d for n, d in good_files().items()}
    found = {p.code: p for p in verify_package(write_zip(tmp_path / "p.zip", files))}
    assert "punk_1 has no number in front" in found["no_data"].message
    assert found["no_data"].hint == "rename it to 1_punk_1"


def test_a_file_that_is_also_a_folder(tmp_path):
    found = judged(tmp_path, {DATA: "x"})
    assert found["name_conflict"][0].severity == "error"
    with pytest.raises(AppError, match="not safe to open"):
        open_package(tmp_path / "p.zip", tmp_path / "x")


@pytest.mark.parametrize(
    ("method", "code"), [(zipfile.ZIP_BZIP2, "rare_method"), (zipfile.ZIP_LZMA, "rare_method")]
)
def test_methods_that_unzip_lacks(tmp_path, method, code):
    with zipfile.ZipFile(tmp_path / "p.zip", "w", method) as target:
        for name, data in good_files().items():
            target.writestr(name, data)
    found = inspect_package(tmp_path / "p.zip")
    assert found.ok
    assert {p.code for p in found.problems} == {code}


def test_a_method_nobody_reads(tmp_path):
    path = write_zip(tmp_path / "p.zip", good_files())
    data = bytearray(path.read_bytes())
    for sign, offset in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        place = data.rindex(sign) + offset
        data[place : place + 2] = struct.pack("<H", 97)
    path.write_bytes(data)
    assert "unknown_method" in {p.code for p in verify_package(path)}


def test_two_answers_to_what_a_file_is(tmp_path):
    """A header that says another name than the directory: programs would extract differently."""
    path = write_zip(tmp_path / "p.zip", good_files())
    data = bytearray(path.read_bytes())
    place = data.index(b"a.png")
    data[place : place + 5] = b"b.png"
    path.write_bytes(data)
    found = {p.code: p for p in verify_package(path)}
    assert "disagree about its name" in found["damaged_zip"].message
    with pytest.raises(AppError, match="not safe to open"):
        open_package(path, tmp_path / "x")


def test_members_that_share_their_bytes(tmp_path):
    path = write_zip(tmp_path / "p.zip", good_files())
    data = bytearray(path.read_bytes())
    last, before = data.rindex(b"PK\1\2"), data.rindex(b"PK\1\2", 0, data.rindex(b"PK\1\2"))
    data[last + 42 : last + 46] = data[before + 42 : before + 46]
    path.write_bytes(data)
    (problem,) = verify_package(path)
    assert problem.code == "zip_bomb"
    assert "overlap" in problem.message


@pytest.mark.parametrize("name", ["\\\\server\\share\\x", "C:x.txt", "..", "a/..", "\x7f/../x"])
def test_more_names_that_leave_the_folder(tmp_path, name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = write_zip(tmp_path / "p.zip", {**good_files(), name: "x"})
    assert "unsafe_name" in {p.code for p in verify_package(path)}


def test_what_the_trainer_will_find(tmp_path):
    changes = {f"{DATA}/3_lad/b.png": png(), f"{DATA}/3_lad/b.txt": "x", f"{DATA}/c.png": png()}
    files = {**good_files(), **changes}
    found = inspect_package(write_zip(tmp_path / "p.zip", files))
    assert [(f.name, f.repeats, f.images, f.captions) for f in found.folders] == [
        ("1_punk", 1, 1, 1),
        ("3_lad", 3, 1, 1),
    ]
    assert found.data is not None
    assert (found.data.images, found.data.flat) == (4, 1)


def test_a_caption_that_the_trainer_borrows(tmp_path):
    found = judged(tmp_path, {f"{SET}/a_1_2_3_4.png": png()})
    (problem,) = found["borrowed_caption"]
    assert problem.file == f"{SET}/a_1_2_3_4.png"
    assert "trained on a.txt" in problem.message
    assert found["missing_caption"]


def test_texts_inside_an_image(tmp_path):
    images = {}
    for name, text in (
        ("b", "hf_CanaryCanaryCanary8"),
        ("c", "/home/anna/x.safetensors"),
        ("d", "hi"),
    ):
        info = PngInfo()
        info.add_text("parameters", text)
        buffer = io.BytesIO()
        Image.new("RGB", (64, 64)).save(buffer, "PNG", pnginfo=info)
        images |= {f"{SET}/{name}.png": buffer.getvalue(), f"{SET}/{name}.txt": "x"}
    found = judged(tmp_path, images)
    assert [p.file for p in found["secret"]] == [f"{SET}/b.png"]
    assert [p.file for p in found["private_metadata"]] == [f"{SET}/c.png"]
    assert "anary" not in str(found)


def test_progress_and_cancel(tmp_path):
    path = write_zip(tmp_path / "p.zip", good_files())
    seen = []
    inspect_package(path, lambda *told: seen.append(told))
    assert seen == [(1, 1, f"{SET}/a.png")]
    with pytest.raises(AppError) as caught:
        inspect_package(path, cancelled=lambda: True)
    assert caught.value.kind == "cancelled"


def test_names_are_compared_as_they_look():
    assert skeleton("L\u0430d\u200b.PNG") == "lad.png"
    assert "upper and lower" in difference("A", "a")
