"""Command package: what it says beyond the zip: changes, log, backup, folders, what stays out."""

import json

import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.core.config.presets import presets
from tests.core._packages import CONFIG, write_config, write_pairs


@pytest.fixture
def call(capsys):
    """Run a command with --json; returns exit code and the object printed."""

    def run(*words):
        code = console([*map(str, words), "--json"])
        printed = capsys.readouterr().out
        return code, json.loads(printed) if printed else None

    return run


@pytest.fixture
def packing(tmp_path) -> list:
    pairs = write_pairs(tmp_path / "2_punk")
    out = tmp_path / "out" / "p.zip"
    return ["package", pairs, "--config", write_config(tmp_path), "--out", out]


def test_dry_run_writes_nothing_and_tells_the_same(packing, tmp_path, call):
    code, told = call(*packing, "--dry-run")
    assert code == 0
    assert not (tmp_path / "out").exists()
    code, made = call(*packing)
    assert told["folders"] == made["folders"]
    assert told["folders"]["2_punk"] == {
        "name": "2_punk", "repeats": 2, "images": 3, "captions": 3,
    }  # fmt: skip
    assert set(told["files"]) | {"runpod_package/manifest.json"} == set(made["files"])
    assert [change["key"] for change in made["rewritten"]] == [
        "output_dir",
        "logging_dir",
        "train_data_dir",
    ]
    assert (made["changes"], made["since"], made["backup"]) == (None, None, None)


def test_changes_log_and_backup(packing, tmp_path, call, capsys):
    out = tmp_path / "out" / "p.zip"
    old = call(*packing)[1]["sha256"]
    (tmp_path / "2_punk" / "a.txt").write_text("blue hat", "utf-8")
    code, made = call(*packing)
    assert code == 0
    assert made["changes"]["words"] == "1 caption changed"
    assert made["changes"]["captions"]["changed"][0]["after"] == "blue hat"
    assert made["since"] == str(out)
    assert made["log"] == str(out.with_name("p.log.md"))
    code, found = call("package", "verify", made["backup"], "--sha256", old)
    assert (code, found["sha256"]) == (0, old)
    code, found = call("package", "verify", out, "--sha256", old)
    assert code == 1
    assert found["problems"][-1]["code"] == "wrong_sha256"
    code, told = call("package", "diff", made["backup"], out)
    assert (code, told["words"]) == (0, "1 caption changed")
    assert console(["package", "diff", made["backup"], str(out)]) == 0
    assert "1 caption changed since" in capsys.readouterr().out
    assert call("package", "diff", out)[0] == 2
    assert call("package", "diff")[0] == 2
    assert call("package", "diff", out, tmp_path / "no.zip")[0] == 1


def test_no_secret_is_printed(packing, tmp_path, capsys):
    write_config(tmp_path, CONFIG + 'huggingface_token = "hf_CanaryCanaryCanary"\n')
    for more in ([], ["--json"], ["--dry-run"], ["--dry-run", "--json"]):
        console([*map(str, packing), *more])
        printed = capsys.readouterr()
        assert "anary" not in printed.out + printed.err
        assert "huggingface_token was left out" in printed.out


def test_people_read_what_the_trainer_finds(packing, capsys):
    assert console([*map(str, packing)]) == 0
    printed = capsys.readouterr().out
    assert "2_punk: 3 images, 3 captions, each image 2x an epoch" in printed
    assert "there is no earlier package" in printed


def test_the_shelf_on_the_command_line(tmp_path, call):
    project = tmp_path / "project"
    call("new", project, "--images", write_pairs(tmp_path / "s"))
    assert call("package", "list", project)[1] == {"packages": [], "bin": []}
    made = call("package", project, "--config", write_config(project / "configs"))[1]
    code, data = call("package", "list", project)
    assert code == 0
    (entry,) = data["packages"]
    assert (entry["package"], entry["sha256"]) == (made["package"], made["sha256"])
    assert entry["log"] == made["log"]
    code, data = call("package", "bin", project, "training_config.zip")
    assert (code, len(data["moved"])) == (0, 2)
    assert call("package", "list", project)[1] == {"packages": [], "bin": ["training_config.zip"]}
    assert call("package", "bin", project, "training_config.zip")[0] == 1
    assert call("package", "restore", project, "other.zip")[0] == 1
    assert call("package", "restore", project, "training_config.zip")[0] == 0
    assert call("package", "list", project)[1]["packages"] == [entry]


@pytest.mark.punks
def test_the_seeds_layout_and_a_good_package(punks, tmp_path, call):
    """The layout the reference user uploaded: every fault with code, file and fix."""
    flat = tmp_path / "seed" / "runpod_package"
    (flat / "training_data").mkdir(parents=True)
    for folder, pattern in (("train_512px", "*.png"), ("captions_after", "*.txt")):
        for path in (punks / folder).glob(pattern):
            (flat / "training_data" / path.name).write_bytes(path.read_bytes())
    config = punks / "configs" / "training_config_512px.toml"
    (flat / "training_config.toml").write_bytes(config.read_bytes())
    code, report = call("check", tmp_path / "seed")
    assert code == 1
    found = {problem["code"]: problem for problem in report["problems"]}
    assert {"no_data", "path_will_not_exist", "unknown_key", "withdrawn_model"} <= set(found)
    assert found["no_data"]["hint"].startswith("move them with their captions")
    assert all(problem["file"] and problem["message"] for problem in report["problems"])
    assert all(problem["hint"] for problem in report["problems"] if problem["severity"] == "error")

    clean = write_config(tmp_path, presets()["sd15_512"].text)
    project = tmp_path / "project"
    images, captions = punks / "train_512px", punks / "captions_after"
    call("new", project, "--images", images, "--captions", captions, "--name", "bespoke_baby")
    code, made = call("package", project, "--config", clean, "--out", tmp_path / "good.zip")
    assert code == 0
    code, report = call("check", tmp_path / "good.zip")
    assert (code, report["problems"]) == (0, [])
    assert made["folders"]["1_bespoke_baby"]["images"] == 203
