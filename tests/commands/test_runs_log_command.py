"""Commands runs log and runs curves: what the trainer printed, and losses beside each other."""

import csv
import json

import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.core.rundir import RunDir


def run_json(capsys, *arguments):
    code = console([str(part) for part in arguments] + ["--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "bespoke.toml").write_text('schema = 1\nname = "p"\n')
    return tmp_path


def make_run(project, name, losses=(), config=None, **spec):
    run_dir = RunDir(project / "runs" / name).create()
    created = f"2026-11-26T10:00:0{len(list((project / 'runs').iterdir()))}"
    more = {"run": name, "config": config or {}, "created": created, **spec}
    run_dir.spec_path.write_text(json.dumps(more))
    for step, loss in enumerate(losses, 1):
        run_dir.emit("progress", step=step, total=len(losses), epoch=1 + (step > 2), epochs=2,
                     loss=loss, lr=1e-4)  # fmt: skip
    run_dir.write_exit("finished")
    return run_dir


def test_the_log_of_a_run_is_searched(project, capsys):
    run = make_run(project, "one")
    run.log_path.write_text("loading\n\x1b[31mCUDA out of memory\x1b[0m\n" + "x\n" * 10 + "Cuda\n")
    code, data = run_json(capsys, "runs", "log", "one", "--project", project, "--search", "cuda")
    assert (code, data["count"], data["complete"]) == (0, 2, True)
    assert [(hit["line"], hit["text"]) for hit in data["hits"]] == [
        (2, "CUDA out of memory"), (13, "Cuda"),
    ]  # fmt: skip
    again = [run.folder, "--search", "cuda", "--most", 1, "--skip", 1]
    assert run_json(capsys, "runs", "log", *again)[1]["hits"][0]["line"] == 13
    assert console(["runs", "log", str(run.folder), "--search", "cuda", "--most", "1"]) == 0
    assert capsys.readouterr().out == "2: CUDA out of memory\n1 more; --skip 1 goes on\n"
    assert console(["runs", "log", str(run.folder), "--search", "nothing"]) == 0
    assert capsys.readouterr().out == "not found\n"


def test_without_words_its_end_is_told(project, capsys):
    run = make_run(project, "one", [0.5])
    run.log_path.write_text("".join(f"{n}\n" for n in range(100)))
    _, data = run_json(capsys, "runs", "log", run.folder, "--lines", 2)
    assert (data["lines"], data["bytes"], data["run"]) == (["98", "99"], 290, "one")
    _, data = run_json(capsys, "runs", "log", run.folder, "--events", "--search", "progress")
    assert data["count"] == 1
    assert console(["runs", "log", str(run.folder), "--lines", "-1"]) == 2
    empty = make_run(project, "two")
    assert run_json(capsys, "runs", "log", empty.folder)[1]["lines"] == []


def test_curves_lie_beside_each_other(project, capsys, tmp_path):
    make_run(project, "one", [0.4, 0.3, 0.2, 0.1], {"resolution": 512})
    two = make_run(project, "two", [0.8, 0.6], {"resolution": 256})
    two.emit("metric", name="held_out_loss", value=0.55, epoch=2)
    make_run(project, "drawn", loras=["x"])
    table = tmp_path / "curves.csv"
    code, data = run_json(
        capsys, "runs", "curves", "one", "two", "--project", project, "--smoothing", 0,
        "--csv", table,
    )  # fmt: skip
    assert (code, data["comparable"], data["differences"]) == (0, False, ["resolution"])
    one = data["runs"][0]
    assert (one["x"], one["loss"]) == ([0.5, 1.0, 1.5, 2.0], [0.4, 0.3, 0.2, 0.1])
    assert data["runs"][1]["last"]["smoothed"] == 0.6
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert [(row["run"], row["step"], row["loss"]) for row in rows][::5] == [
        ("one", "1", "0.4"), ("two", "2", "0.6"),
    ]  # fmt: skip
    assert [row["held_out_loss"] for row in rows] == [""] * 5 + ["0.55"]
    _, data = run_json(capsys, "runs", "curves", "--project", project, "--by", "step")
    assert [one["run"] for one in data["runs"]] == ["two", "one"]
    assert data["runs"][1]["x"] == [1, 2, 3, 4]
    assert console(["runs", "curves", "one", "--project", str(project), "--smoothing", "2"]) == 2


def test_a_run_without_a_loss_says_so(project, capsys):
    make_run(project, "one")
    assert console(["runs", "curves", "one", "--project", str(project)]) == 0
    assert "no loss was told" in capsys.readouterr().out
