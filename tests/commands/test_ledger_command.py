"""Commands runs ledger, changes and expect."""

import json

import pytest

from bespoke_gui.__main__ import console
from tests.core.gallery_kit import portrait, write_png

CONFIG = '[a]\noutput_name = "x"\nmax_train_epochs = 1\nlearning_rate = {rate}\n'


def run_json(capsys, *arguments):
    code = console([str(part) for part in arguments] + ["--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def project(tmp_path, capsys):
    (tmp_path / "bespoke.toml").write_text('schema = 1\nname = "p"\n')
    for n in range(3):
        write_png(tmp_path / "dataset" / f"{n}.png", portrait(seed=n))
        (tmp_path / "dataset" / f"{n}.txt").write_text("a lad")
    (tmp_path / "configs").mkdir()
    return tmp_path


def train(project, capsys, name, rate):
    config = project / "configs" / f"{name}.toml"
    config.write_text(CONFIG.format(rate=rate))
    code, data = run_json(
        capsys, "train", config, "--engine", "fake", "--run-dir", project / "runs" / name, "--wait"
    )
    assert code == 0, data


def test_the_ledger_tells_runs_changes_and_expectations(project, capsys):
    train(project, capsys, "one", "1e-4")
    code, data = run_json(
        capsys, "runs", "expect", "clean 40 % -> 70 %, confidence 85 %", "--project", project
    )
    assert (code, data["of"], data["expected"]["after"]) == (0, "next", 0.7)
    assert len(run_json(capsys, "runs", "ledger", project)[1]["expected_of_next"]) == 1
    (project / "dataset" / "0.txt").write_text("a lass")
    train(project, capsys, "two", "2e-4")
    code, data = run_json(capsys, "runs", "ledger", project)
    assert [entry["run"] for entry in data["runs"]] == ["two", "one"]
    assert data["runs"][0]["expected"][0]["confidence"] == 0.85
    assert data["changes"][0]["causes"] == ["learning_rate", "captions"]
    assert data["expected_of_next"] == []
    assert console(["runs", "ledger", str(project)]) == 0
    out = capsys.readouterr().out
    assert "warning: 2 things changed at once" in out
    assert "expected clean 40 % -> 70 %, confidence 85 %; not found yet" in out
    code, data = run_json(capsys, "runs", "changes", "one", "two", "--project", project)
    assert (code, data["captions"]["changed"]) == (0, ["0.png"])


def test_what_is_written_after_the_start_is_called_so(project, capsys):
    train(project, capsys, "one", "1e-4")
    run_json(capsys, "runs", "expect", "clean 0.4 -> 0.7", "--project", project, "--run", "one")
    console(["runs", "ledger", str(project)])
    assert "written after the run began" in capsys.readouterr().out


def test_wrong_words_and_no_project_are_one_line(project, tmp_path_factory, capsys):
    assert console(["runs", "expect", "much better", "--project", str(project)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    other = tmp_path_factory.mktemp("nothing")
    assert console(["runs", "ledger", str(other)]) == 1
    assert "is no project" in capsys.readouterr().err
