"""Bad input at the command line: one clear line naming the file, and nothing is changed."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from bespoke_gui.__main__ import console
from tests.bad_input import (
    CONFIGS,
    IMAGES,
    LORAS,
    TABLES,
    UNUSABLE_TABLES,
    contents,
    portrait,
    write_dataset,
)

GOOD_CONFIG = '[training_arguments]\nmax_train_epochs = 2\nresolution = "96,96"\n'


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    write_dataset(tmp_path / "set")
    return tmp_path / "set"


def call(capsys, *words) -> tuple[int, dict, str]:
    """Run one command; return exit code, its JSON object and the lines for people."""
    code = console([*map(str, words), "--json"])
    printed = capsys.readouterr()
    return code, json.loads(printed.out), printed.err


def visible(folder: Path) -> dict[str, bytes]:
    return {name: body for name, body in contents(folder).items() if not name.startswith(".")}


def assert_one_line(code: int, data: dict, errors: str, name: str) -> None:
    """Refused with one line for people, or with exactly one error among the findings."""
    assert code in (1, 2)
    assert "Traceback" not in errors
    assert "unexpected" not in errors
    lines = [line for line in errors.splitlines() if line.strip()]
    found = [item for item in data.get("problems", []) if item["severity"] == "error"]
    told = [f"{item['file']}: {item['message']}" for item in found] or lines
    assert len(told) == 1, (data, errors)
    assert name in told[0]


def test_check_names_every_bad_file_and_goes_on(dataset, capsys):
    before = visible(dataset)
    code, data, _ = call(capsys, "check", dataset)
    assert code == 1
    named = {problem["file"].rpartition("/")[2] for problem in data["problems"]}
    for name, (_, readable) in IMAGES.items():
        assert readable or name in named, name
    for name in ("caption_blank", "caption_utf16", "caption_windows", "no_caption"):
        assert any(name in found for found in named), (name, named)
    assert all("Error" not in problem["message"] for problem in data["problems"])
    assert visible(dataset) == before


def test_prepare_leaves_bad_images_out_and_goes_on(dataset, tmp_path, capsys):
    before = visible(dataset)
    _, data, _ = call(capsys, "prepare", dataset, tmp_path / "out", "--size", 96)
    for name, (_, readable) in IMAGES.items():
        assert readable or name not in data["images"], name
    assert {"good_0.png", "good_1.png", "good_2.png"} <= set(data["images"])
    assert all(data["images"][f"good_{number}.png"]["native_exact"] for number in range(3))
    assert visible(dataset) == before
    assert not list((tmp_path / "out").rglob("*.tmp"))


def test_inspect_says_one_line_for_each(dataset, capsys):
    _, data, errors = call(capsys, "images", "inspect", dataset)
    assert set(data["images"]) >= {"good_0.png"}
    assert "Traceback" not in errors


def test_lint_reads_all_encodings_and_changes_nothing(dataset, capsys):
    before = visible(dataset)
    _, data, _ = call(capsys, "captions", "lint", dataset)
    files = {problem["file"] for problem in data["problems"]}
    assert any("caption_blank" in name for name in files)
    assert any("caption_lines" in name for name in files)
    assert visible(dataset) == before


@pytest.mark.parametrize("name", sorted(CONFIGS))
def test_bad_config_is_one_line(name, tmp_path, capsys):
    path = tmp_path / name
    path.write_bytes(CONFIGS[name])
    code, data, errors = call(capsys, "config", "check", path)
    if name in ("empty.toml", "absurd.toml"):
        assert "Traceback" not in errors
        assert code == 1
        assert data["problems"]
    else:
        assert_one_line(code, data, errors, name)
    assert path.read_bytes() == CONFIGS[name]


@pytest.mark.parametrize("name", sorted(LORAS))
def test_bad_lora_is_one_line(name, tmp_path, capsys):
    path = tmp_path / name
    path.write_bytes(LORAS[name])
    code, data, errors = call(capsys, "lora", "inspect", path)
    assert_one_line(code, data, errors, name)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_bad_table_is_told_row_by_row_and_the_rest_goes_on(name, dataset, tmp_path, capsys):
    path = tmp_path / name
    path.write_bytes(TABLES[name])
    before = contents(tmp_path)
    code, data, errors = call(capsys, "captions", "import", dataset, path)
    assert "Traceback" not in errors
    assert path.read_bytes() == TABLES[name]
    if name in UNUSABLE_TABLES:
        assert_one_line(code, data, errors, name)
        assert contents(tmp_path) == before
        return
    assert data["problems"]
    assert all(name in problem["file"] for problem in data["problems"])
    rows = [problem["where"] for problem in data["problems"] if problem["code"] == "bad_row"]
    assert all(row.startswith("row ") for row in rows)
    after = contents(tmp_path)
    changed = {key for key in before if before[key] != after[key]}
    allowed = {"set/good_0.txt"} | ({"set/good_1.txt"} if name == "windows.jsonl" else set())
    assert "set/good_0.txt" in changed <= allowed
    assert after["set/good_0.txt"] == b"new text"
    assert {key for key in set(after) - set(before) if ".bespoke" not in key} == set()


@pytest.mark.parametrize("name", sorted(TABLES))
def test_bad_table_is_never_written_over(name, dataset, tmp_path, capsys):
    path = tmp_path / name
    path.write_bytes(TABLES[name])
    to = {".jsonl": "jsonl", ".csv": "csv", ".json": "meta"}[path.suffix]
    code, _, errors = call(capsys, "captions", "export", dataset, "--to", to, "--out", path)
    assert code == 1
    assert "Traceback" not in errors
    assert path.read_bytes() == TABLES[name]


@pytest.mark.parametrize(
    "words",
    [
        ("check", "nowhere"),
        ("prepare", "nowhere", "out", "--size", "96"),
        ("images", "inspect", "nowhere.png"),
        ("images", "native", "nowhere", "out"),
        ("captions", "lint", "nowhere"),
        ("captions", "diff", "nowhere", "nowhere"),
        ("captions", "snapshots", "nowhere"),
        ("captions", "export", "nowhere", "--to", "csv", "--out", "x.csv"),
        ("captions", "import", ".", "nowhere.csv"),
        ("images", "add", "nowhere", "x.png"),
        ("images", "exclude", "nowhere", "x.png"),
        ("images", "rename", "nowhere", "x.png", "y"),
        ("config", "check", "nowhere.toml"),
        ("package", "verify", "nowhere.zip"),
        ("new", "project", "--images", "nowhere"),
        ("train", "nowhere.toml"),
        ("runs", "show", "nowhere"),
        ("generate", "nowhere", "--protocol", "nowhere.toml", "--out", "out"),
        ("score", "nowhere"),
        ("compare", "nowhere", "nowhere"),
        ("report", "nowhere", "--out", "report.html"),
        ("lora", "inspect", "nowhere.safetensors"),
    ],
    ids=lambda words: "-".join(words[:2]),
)
def test_missing_input_is_one_line(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, data, errors = call(capsys, *words)
    assert_one_line(code, data, errors, "nowhere")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user without all rights")
def test_folder_without_rights_is_one_line(dataset, tmp_path, capsys):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    code, data, errors = call(capsys, "prepare", dataset, closed / "out", "--size", 96)
    assert_one_line(code, data, errors, "closed")


@pytest.mark.skipif(not shutil.which("mount") or os.name == "nt", reason="needs a small disk")
def test_full_disk_leaves_nothing_half(dataset, tmp_path, capsys):
    """A real disk of 64 KiB: prepare says that it is full and leaves no half-written image."""
    import subprocess

    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("may not mount")
    try:
        for number in range(30):
            portrait(480).save(dataset / f"more_{number:02d}.png")
        code, _, errors = call(capsys, "prepare", dataset, small / "out", "--size", 480)
        assert code == 1
        assert "full" in errors
        assert "Traceback" not in errors
        for path in small.rglob("*.png"):
            from PIL import Image

            Image.open(path).load()
        assert not list(small.rglob("*.tmp"))
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_config_of_a_package_is_checked_before_it_is_written(dataset, tmp_path, capsys):
    config = tmp_path / "good.toml"
    config.write_text(GOOD_CONFIG)
    code, _, errors = call(
        capsys, "package", dataset, "--config", config, "--out", tmp_path / "p.zip"
    )
    assert code in (0, 1)
    assert "Traceback" not in errors
