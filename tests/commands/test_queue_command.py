"""`bespoke queue`: into the line, in another order, and run to the end."""

import json

import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.core.queue.store import QueueFile
from bespoke_gui.core.runs import list_runs
from tests.queue_kit import CONFIG, QUICK, project_in


@pytest.fixture
def project(tmp_path):
    project = project_in(tmp_path)
    (project.configs_dir / "punk.toml").write_text(CONFIG)
    return project


def ask(capsys, *words):
    code = console(["queue", *map(str, words), "--json"])
    out, err = capsys.readouterr()
    return code, json.loads(out), err


def test_from_a_config_to_finished_runs(project, capsys):
    config = project.configs_dir / "punk.toml"
    code, answer, _ = ask(capsys, "add", config, config, "--engine", "fake")
    assert (code, answer["added"]) == (0, [1, 2])
    at = ("--project", project.folder)
    assert [one["id"] for one in ask(capsys, "move", 2, 1, *at)[1]["entries"]] == [2, 1]
    assert ask(capsys, "pause", 1, *at)[1]["entries"][1]["state"] == "paused"
    code, answer, err = ask(capsys, "run", *at)
    assert (code, answer["started"]) == (0, [2])
    assert "started punk as run" in err
    assert [one["state"] for one in answer["entries"]] == ["done", "paused"]
    ask(capsys, "resume", 1, *at)
    assert ask(capsys, "run", *at)[1]["started"] == [1]
    assert len(list_runs(project)) == 2
    assert ask(capsys, "remove", "--ended", *at)[1]["entries"] == []


def test_a_sweep_tells_what_it_takes_first(project, capsys):
    config = project.configs_dir / "punk.toml"
    words = ("sweep", config, "learning_rate=1e-4,5e-5", "seed=1,2", "--engine", "fake")
    gpu = ("--gpu", "A100", "--usd-per-hour", 2)
    _, answer, _ = ask(capsys, *words, "--dry-run", *gpu)
    assert answer["sweep"]["steps"] == 8
    assert answer["sweep"]["usd"][0] > 0
    assert [path.name for path in project.configs_dir.iterdir()] == ["punk.toml"]
    code, answer, err = ask(capsys, *words, "--paired")
    assert (code, answer["added"]) == (0, [1, 2])
    assert "2 runs, 4 steps" in err
    names = sorted(path.name for path in project.configs_dir.iterdir())
    assert names == ["punk-lr1e-4-seed1.toml", "punk-lr5e-5-seed2.toml", "punk.toml"]
    entries = QueueFile(project).read().entries
    assert {entry.sweep for entry in entries} == {"punk"}
    assert [entry.config for entry in entries] == [f"configs/{name}" for name in names[:2]]


def test_a_sweep_that_trains_the_same_writes_nothing(project, capsys):
    config = project.configs_dir / "punk.toml"
    config.write_text(f"{CONFIG}unet_lr = 1e-3\ntext_encoder_lr = 1e-4\n")
    code, answer, _ = ask(capsys, "sweep", config, "learning_rate=1e-4,5e-5")
    assert code == 2
    assert "would train the same" in answer["error"]["message"]
    assert [path.name for path in project.configs_dir.iterdir()] == ["punk.toml"]
    code, answer, _ = ask(capsys, "sweep", config, "learning_rate=1e-4,5e-5", "--dry-run")
    assert (code, answer["sweep"]["configs"][1]["same_as"]) == (1, "punk-lr1e-4")


def test_a_failed_one_is_exit_1_and_says_why(project, capsys):
    ask(capsys, "add", project.configs_dir / "punk.toml", "--engine", "fake")
    with QueueFile(project).edit() as queue:
        queue.change(1, options={**QUICK, "fail": "oom", "fail_at": 1})
    code, answer, _ = ask(capsys, "run", "--project", project.folder)
    assert code == 1
    assert "memory" in answer["entries"][0]["note"]


def test_where_it_runs_is_kept_with_it(project, capsys):
    config = project.configs_dir / "punk.toml"
    for words, kind in (
        (("--backend", "nowhere"), "usage"),
        (("--machine", "nobody"), "usage"),
    ):
        code, answer, _ = ask(capsys, "add", config, *words)
        assert (code, answer["error"]["kind"]) == (2, kind)
    assert QueueFile(project).read().entries == []


def test_a_package_is_trained_from_its_own_folder(project, capsys, tmp_path):
    package = tmp_path / "punk.zip"
    config = project.configs_dir / "punk.toml"
    console(["package", str(project.folder), "--config", str(config), "--out", str(package)])
    capsys.readouterr()
    assert ask(capsys, "add", package, "--engine", "fake", "--project", project.folder)[0] == 0
    code, answer, _ = ask(capsys, "run", "--project", project.folder)
    assert (code, answer["entries"][0]["state"]) == (0, "done")
    run = list_runs(project)[0]
    assert "package" in run.spec["data"][0]["folder"]
