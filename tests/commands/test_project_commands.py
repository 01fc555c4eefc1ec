"""Commands new, check, config and package: JSON as promised, exit codes, one-line errors."""

import json
from pathlib import Path

import pytest

from bespoke_gui.__main__ import console
from tests.core._packages import CONFIG, write_config, write_pairs, write_zip


@pytest.fixture
def call(capsys):
    """Run a command with --json; returns exit code and the object printed."""

    def run(*words):
        code = console([*map(str, words), "--json"])
        printed = capsys.readouterr().out
        return code, json.loads(printed) if printed else None

    return run


@pytest.fixture
def project(tmp_path, call) -> Path:
    call("new", tmp_path / "p", "--images", write_pairs(tmp_path / "s"))
    return tmp_path / "p"


def test_new(tmp_path, call):
    write_pairs(tmp_path / "s")
    code, data = call("new", tmp_path / "p", "--images", tmp_path / "s", "--name", "Punks")
    assert code == 0
    assert (data["project"], data["name"]) == (str(tmp_path / "p"), "Punks")
    assert (data["images"], data["captions"]) == (3, 3)
    assert call("new", tmp_path / "p", "--images", tmp_path / "s")[0] == 1


def test_new_says_how_many_captions_are_missing(tmp_path, capsys):
    folder = write_pairs(tmp_path / "s")
    (folder / "a.txt").unlink()
    assert console(["new", str(tmp_path / "p"), "--images", str(folder)]) == 0
    assert "3 images, 2 captions (1 images have none)" in capsys.readouterr().out


def test_check(project, call):
    code, data = call("check", project)
    assert (code, data["ok"], data["stats"]["images"]) == (0, True, 3)
    (project / "dataset" / "a.txt").unlink()
    code, data = call("check", project)
    assert code == 1
    (error,) = [p for p in data["problems"] if p["severity"] == "error"]
    assert (error["code"], error["file"]) == ("missing_caption", "a.png")
    assert set(error) == {"code", "severity", "file", "message", "hint", "where"}


def test_check_in_words(project, capsys):
    (project / "dataset" / "a.txt").write_text("")
    assert console(["check", str(project)]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith("error: a.")
    assert "3 images (3 of 64x64), 3 captions" in printed


def test_many_findings_of_one_kind_are_summed_up(tmp_path, capsys):
    folder = write_pairs(tmp_path / "s", [f"n{i}" for i in range(9)])
    for path in folder.glob("*.txt"):
        path.unlink()
    assert console(["check", str(folder)]) == 1
    printed = capsys.readouterr().out
    assert printed.count("has no caption") == 3
    assert "6 more of missing_caption" in printed
    assert "9 errors" in printed


def test_config_check_with_a_number_of_images(tmp_path, call):
    code, data = call("config", "check", write_config(tmp_path), "--images", "8")
    assert code == 0
    assert (data["steps_per_epoch"], data["total_steps"]) == (4, 8)
    assert data["checkpoints"] == ["tiny-000001.safetensors", "tiny.safetensors"]
    assert data["lr_at_epoch"] == [1e-4, 1e-4]
    assert data["effective"]["caption_extension"] == ".txt"
    assert data["effective"]["max_grad_norm"] == 1.0
    assert data["problems"] == []


def test_config_check_counts_the_images_itself(tmp_path, call, project):
    config = write_config(tmp_path)
    counted = call("config", "check", config, "--dataset", project / "dataset")[1]
    assert counted["images"] == 3
    inside = write_config(project / "configs")
    assert call("config", "check", inside)[1]["images"] == 3
    unknown = call("config", "check", config)[1]
    assert (unknown["images"], unknown["total_steps"], unknown["lr_at_epoch"]) == (None, None, [])


def test_config_check_looks_at_the_folder_the_config_names(tmp_path, call):
    write_pairs(tmp_path / "data")
    config = write_config(tmp_path, CONFIG.replace("/somewhere/training_data", f"{tmp_path}/data"))
    code, data = call("config", "check", config)
    assert code == 1
    assert "no_data" in {p["code"] for p in data["problems"]}


def test_config_check_of_bad_files(tmp_path, call):
    code, data = call("config", "check", write_config(tmp_path, "x = "))
    assert code == 1
    assert data["problems"][0]["code"] == "bad_config"
    assert call("config", "check", tmp_path / "no.toml")[1]["error"]["message"]
    code, data = call("config", "check", write_config(tmp_path, "[[datasets]]\nx = 1\n"))
    assert code == 1
    bad = write_config(tmp_path, CONFIG.replace("max_train_epochs = 2", 'max_train_epochs = "2"'))
    code, data = call("config", "check", bad, "--images", "3")
    assert {p["code"] for p in data["problems"]} == {"wrong_type", "no_plan"}
    assert call("config", "check", bad, "--images", "0")[0] == 2


def test_config_diff(tmp_path, call, capsys):
    other = tmp_path / "other.toml"
    other.write_text(CONFIG.replace("seed = 42", "seed = 7").replace("sdpa = true\n", ""))
    code, data = call("config", "diff", write_config(tmp_path), other)
    assert (code, data["count"]) == (0, 2)
    changes = [(c["key"], c["kind"], c["before"], c["after"]) for c in data["changes"]]
    assert changes == [("sdpa", "removed", True, None), ("seed", "changed", 42, 7)]
    console(["config", "diff", str(tmp_path / "training_config.toml"), str(other)])
    assert capsys.readouterr().out.splitlines() == [
        "sdpa: True -> not set (the trainer takes False)",
        "seed: 42 -> 7",
        "2 changes",
    ]


def test_package_and_verify(project, tmp_path, call):
    out = tmp_path / "p.zip"
    code, data = call("package", project, "--config", write_config(tmp_path), "--out", out)
    assert code == 0
    assert (data["package"], data["bytes"]) == (str(out), out.stat().st_size)
    assert len(data["files"]) == 10
    assert len(data["sha256"]) == 64
    code, data = call("package", "verify", out)
    assert (code, data["ok"], data["problems"]) == (0, True, [])


def test_a_project_knows_its_config_and_its_place(project, tmp_path, call):
    code, data = call("package", project)
    assert (code, data["error"]["kind"]) == (2, "usage")
    write_config(project / "configs")
    code, data = call("package", project)
    assert code == 0
    assert data["package"] == str(project / "packages" / "training_config.zip")
    folder = write_pairs(tmp_path / "loose")
    assert call("package", folder, "--config", write_config(tmp_path))[0] == 2


def test_a_package_that_would_not_train(project, tmp_path, call, capsys):
    config = write_config(tmp_path, CONFIG.replace('"64,64"', "64"))
    code, data = call("package", project, "--config", config, "--out", tmp_path / "p.zip")
    assert (code, data["ok"]) == (1, False)
    assert call("package", "verify", tmp_path / "p.zip")[0] == 1
    flat = write_zip(tmp_path / "f.zip", {"x/training_data/a.png": b"", "x/c.toml": CONFIG})
    assert console(["package", "verify", str(flat)]) == 1
    assert "would not train" in capsys.readouterr().out


def test_wrong_usage(project, tmp_path, call):
    assert call("package", "verify")[0] == 2
    assert call("package", project, tmp_path / "p.zip")[0] == 2
    assert call("package", project, "--repeats", "-1")[0] == 2
    assert call("package", "verify", tmp_path / "no.zip")[0] == 1


def test_a_folder_called_verify_can_still_be_packed(tmp_path, call, monkeypatch):
    write_pairs(tmp_path / "verify")
    monkeypatch.chdir(tmp_path)
    config = write_config(tmp_path)
    assert call("package", "verify", "--config", config, "--out", tmp_path / "p.zip")[0] == 0
