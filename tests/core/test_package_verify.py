"""Package verify: says why a package would not train, whoever made it, and opens nothing unsafe."""

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bespoke_gui.core import package_zipcheck
from bespoke_gui.core.config.train_data import NO_DATA
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.package import build_package, open_package, verify_package
from tests.core._packages import CONFIG, write_config, write_pairs, write_zip

TOP = "runpod_package"
DATA = f"{TOP}/training_data"
SET = f"{DATA}/1_punk"
STEADY = CONFIG.replace("lr_warmup_steps = 1", "lr_warmup_steps = 0")
READY = STEADY.replace("/somewhere/", f"/workspace/{TOP}/")


def png(size=(64, 64)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, (1, 2, 3)).save(buffer, "PNG")
    return buffer.getvalue()


def good_files() -> dict[str, bytes | str]:
    return {
        f"{TOP}/training_config.toml": READY,
        f"{SET}/a.png": png(),
        f"{SET}/a.txt": "pixel art, red hat",
    }


def judged(tmp_path, changes: dict | None = None, *, without=()) -> set[tuple[str, str, str]]:
    """Return (severity, code, file) of what verify finds in a package made by hand."""
    files = {**good_files(), **(changes or {})}
    files = {name: data for name, data in files.items() if name not in without}
    problems = verify_package(write_zip(tmp_path / "p.zip", files))
    return {(p.severity, p.code, p.file.removeprefix(f"{TOP}/")) for p in problems}


def test_a_good_package_made_by_hand(tmp_path):
    assert judged(tmp_path) == set()


def test_the_seeds_layout_is_refused_in_the_trainers_words(tmp_path):
    flat = {f"{DATA}/a.png": png(), f"{DATA}/a.txt": "red hat"}
    config = READY.replace(f"/workspace/{TOP}/training_data", "/workspace/training_data")
    config += "[general]\nbucket_resolution = 512\n"
    files = {**flat, f"{TOP}/training_config.toml": config}
    problems = verify_package(write_zip(tmp_path / "p.zip", files))
    found = {p.code: p for p in problems}
    assert found["no_data"].severity == found["path_will_not_exist"].severity == "error"
    assert NO_DATA in found["no_data"].message
    assert f"/workspace/{DATA}" in found["path_will_not_exist"].hint
    assert found["unknown_key"].severity == "warning"
    with pytest.raises(AppError, match="No data found") as caught:
        open_package(tmp_path / "p.zip", tmp_path / "x")
    assert caught.value.kind == "no_data"
    assert not (tmp_path / "x").exists()


@pytest.mark.punks
def test_the_reference_users_first_package(punks, tmp_path):
    files = {f"{DATA}/{p.name}": p.read_bytes() for p in (punks / "train_512px").glob("*.png")}
    captions = (punks / "captions_after").glob("*.txt")
    files |= {f"{DATA}/{p.name}": p.read_bytes() for p in captions}
    config = punks / "configs" / "training_config_512px.toml"
    files[f"{TOP}/training_config.toml"] = config.read_bytes()
    problems = verify_package(write_zip(tmp_path / "p.zip", files))
    codes = {(p.severity, p.code) for p in problems}
    assert {
        ("error", "no_data"),
        ("error", "path_will_not_exist"),
        ("warning", "unknown_key"),
        ("warning", "withdrawn_model"),
        ("warning", "needs_bitsandbytes"),
        ("warning", "needs_xformers"),
    } <= codes
    assert sum(severity == "error" for severity, _ in codes) == 2


@pytest.mark.parametrize(
    ("name", "data", "wanted"),
    [
        ("a.txt", None, ("error", "missing_caption", "a.png")),
        ("a.txt", "", ("error", "empty_caption", "a.txt")),
        ("a.txt", " \n", ("error", "empty_caption", "a.txt")),
        ("a.txt", "\nred hat", ("error", "empty_caption", "a.txt")),
        ("a.txt", b"\xef\xbb\xbf", ("error", "empty_caption", "a.txt")),
        ("a.txt", "red hat hf_CanaryCanaryCanary8", ("warning", "secret", "a.txt")),
        ("a.txt", b"caf\xe9", ("error", "not_utf8", "a.txt")),
        ("a.txt", "red".encode("utf-16"), ("error", "not_utf8", "a.txt")),
        ("a.txt", b"\xef\xbb\xbfred", ("warning", "byte_order_mark", "a.txt")),
        ("a.txt", "red\nhat", ("warning", "several_lines", "a.txt")),
        ("a.png", b"", ("error", "unreadable_image", "a.png")),
        ("a.png", png()[:60], ("error", "unreadable_image", "a.png")),
        ("a.png", b"GIF89a no", ("error", "unreadable_image", "a.png")),
    ],
)
def test_captions_and_images(tmp_path, name, data, wanted):
    severity, code, file = wanted
    target = f"{SET}/{name}"
    changes = {} if data is None else {target: data}
    found = judged(tmp_path, changes, without=[target] if data is None else [])
    assert (severity, code, f"training_data/1_punk/{file}") in found


def test_image_size_against_resolution(tmp_path):
    found = judged(tmp_path, {f"{SET}/b.png": png((24, 24)), f"{SET}/b.txt": "x"})
    assert ("error", "size_differs", "training_config.toml") in found


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        ("x = ", ("error", "bad_config")),
        (b"\xff\xfe", ("error", "bad_config")),
        (READY + "netwrok_dim = 4\n", ("warning", "unknown_key")),
        (READY.replace('"64,64"', "64"), ("error", "wrong_type")),
        (CONFIG, ("error", "path_will_not_exist")),
    ],
)
def test_configs(tmp_path, config, wanted):
    found = judged(tmp_path, {f"{TOP}/training_config.toml": config})
    assert (*wanted, "training_config.toml") in found


def test_no_config_and_several(tmp_path):
    name = f"{TOP}/training_config.toml"
    assert "no_config" in {code for _, code, _ in judged(tmp_path, without=[name])}
    found = judged(tmp_path, {f"{TOP}/old/training_config.toml": READY})
    assert ("info", "second_config", "old/training_config.toml") in found


def test_a_folder_too_deep_makes_the_path_wrong(tmp_path):
    files = {f"outer/{name}": data for name, data in good_files().items()}
    (problem,) = verify_package(write_zip(tmp_path / "p.zip", files))
    assert problem.code == "path_will_not_exist"
    assert f"/workspace/outer/{DATA}" in problem.hint


def test_stray_files_and_names_that_collide(tmp_path):
    found = judged(
        tmp_path,
        {
            f"{SET}/a_0064x0064_sd.npz": b"x",
            f"{SET}/.DS_Store": b"x",
            "__MACOSX/a.png": b"x",
            f"{SET}/A.png": png(),
            f"{SET}/A.txt": "x",
        },
    )
    strays = {(s, f) for s, code, f in found if code == "stray_file"}
    assert strays == {
        ("warning", "training_data/1_punk/a_0064x0064_sd.npz"),
        ("info", "training_data/1_punk/.DS_Store"),
        ("info", "__MACOSX/a.png"),
    }
    assert ("warning", "same_but_for_case", "training_data/1_punk/a.png") in found


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip at all", b"\0" * 500])
def test_what_is_no_zip(tmp_path, data):
    path = tmp_path / "p.zip"
    path.write_bytes(data)
    (problem,) = verify_package(path)
    assert (problem.severity, problem.code) == ("error", "broken_zip")
    with pytest.raises(AppError, match="not a readable zip"):
        open_package(path, tmp_path / "x")


def test_what_is_not_there_and_empty(tmp_path):
    with pytest.raises(AppError, match="no such package"):
        verify_package(tmp_path / "no.zip")
    assert verify_package(write_zip(tmp_path / "e.zip", {}))[0].code == "empty_package"
    (tmp_path / "folder").mkdir()
    assert verify_package(tmp_path / "folder")[0].code == "empty_package"


@pytest.mark.parametrize(
    "name",
    ["../evil.txt", "/etc/evil.txt", "a/../../evil.txt", "C:/evil.txt", "a\\..\\evil.txt", "a\nb"],
)
def test_names_that_leave_the_folder_are_refused(tmp_path, name):
    path = write_zip(tmp_path / "p.zip", {**good_files(), name: "x"})
    assert ("error", "unsafe_name") in {(p.severity, p.code) for p in verify_package(path)}
    with pytest.raises(AppError, match="not safe to open"):
        open_package(path, tmp_path / "inner" / "x")
    assert not (tmp_path / "inner").exists()
    assert not (tmp_path / "evil.txt").exists()


def test_links_in_a_zip_are_refused(tmp_path):
    path = write_zip(tmp_path / "p.zip", good_files())
    link = zipfile.ZipInfo(f"{SET}/link.png")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as target:
        target.writestr(link, "/etc/passwd")
    assert "link" in {p.code for p in verify_package(path)}
    with pytest.raises(AppError, match="not safe to open"):
        open_package(path, tmp_path / "x")


def test_links_in_a_folder_are_said(tmp_path):
    write_zip(tmp_path / "p.zip", good_files())
    with zipfile.ZipFile(tmp_path / "p.zip") as source:
        source.extractall(tmp_path / "w")
    assert verify_package(tmp_path / "w") == verify_package(tmp_path / "w" / TOP) == []
    (tmp_path / "w" / SET / "link.txt").symlink_to("/etc/passwd")
    assert "link" in {p.code for p in verify_package(tmp_path / "w")}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_is_refused(tmp_path):
    path = write_zip(tmp_path / "p.zip", good_files())
    with zipfile.ZipFile(path, "a") as target:
        target.writestr(f"{SET}/a.txt", "other")
    assert "duplicate_name" in {p.code for p in verify_package(path)}


def test_encrypted_members_are_said(tmp_path):
    path = write_zip(tmp_path / "p.zip", good_files())
    data = bytearray(path.read_bytes())
    place = data.rindex(b"PK\x01\x02")
    data[place + 8] |= 1
    path.write_bytes(data)
    assert "encrypted" in {p.code for p in verify_package(path)}


def test_bombs_are_not_opened(tmp_path, monkeypatch):
    path = write_zip(tmp_path / "p.zip", {**good_files(), f"{SET}/b.png": b"\0" * (8 << 20)})
    (problem,) = verify_package(path)
    assert problem.code == "zip_bomb"
    with pytest.raises(AppError, match="not safe to open"):
        open_package(path, tmp_path / "x")
    small = write_zip(tmp_path / "q.zip", good_files())
    for limit in ("MAX_FILES", "MAX_TOTAL"):
        with monkeypatch.context() as patched:
            patched.setattr(package_zipcheck, limit, 2)
            assert verify_package(small)[0].code == "zip_bomb"


def test_a_member_that_lies_about_its_size(tmp_path):
    path = write_zip(tmp_path / "p.zip", good_files())
    data = bytearray(path.read_bytes())
    place = data.rindex(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 3)
    path.write_bytes(data)
    assert ("error", "unreadable_caption") in {(p.severity, p.code) for p in verify_package(path)}


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> bytes:
    base = tmp_path_factory.mktemp("built")
    pairs = write_pairs(base / "1_punk", ["a"])
    build_package(pairs, write_config(base, STEADY), base / "p.zip")
    return (base / "p.zip").read_bytes()


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_no_damage_anywhere_escapes_as_another_error(tmp_path_factory, package, data):
    broken = bytearray(package)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(broken) - 1))
        broken[place] = data.draw(st.integers(0, 255))
    broken = broken[: data.draw(st.integers(0, len(broken)))]
    folder = tmp_path_factory.mktemp("damage")
    (folder / "p.zip").write_bytes(broken)
    problems = verify_package(folder / "p.zip")
    try:
        open_package(folder / "p.zip", folder / "x")
    except AppError:
        assert not (folder / "x").exists()
    assert all(problem.message for problem in problems)


def test_a_file_changed_after_packaging_is_said(tmp_path, package):
    (tmp_path / "p.zip").write_bytes(package)
    open_package(tmp_path / "p.zip", tmp_path / "x")
    assert verify_package(tmp_path / "x") == []
    caption = tmp_path / "x" / SET / "a.txt"
    caption.write_text("another hat")
    assert [p.code for p in verify_package(tmp_path / "x")] == ["changed_file"]
    caption.unlink()
    codes = {p.code for p in verify_package(tmp_path / "x")}
    assert codes == {"missing_caption", "lost_file"}
    Path(tmp_path / "x" / TOP / "manifest.json").write_text("[]")
    assert "bad_manifest" in {p.code for p in verify_package(tmp_path / "x")}
