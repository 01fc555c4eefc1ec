"""A queue of rented runs on the stand-in: one pod at a time, each ended, none started twice, all
of them in the ledger, though what runs the queue, and then a courier, is killed in the middle."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.core import settings
from bespoke_gui.core.queue.store import QueueFile
from bespoke_gui.core.rundir import RunDir, read_json
from bespoke_gui.core.runs import read_run
from bespoke_gui.launch.runpod import billing, ledger
from tests.launch.remote_kit import courier_of, lines_of, wait_for
from tests.launch.rented import for_commands
from tests.launch.sshd import needs_sshd
from tests.queue_kit import project_in

pytestmark = needs_sshd
ROOT = Path(__file__).parents[2]
CONFIG = """
pretrained_model_name_or_path = "embedded"
output_name = "punk"
max_train_epochs = 3
save_every_n_epochs = 1
resolution = "64,64"
learning_rate = 1e-4
"""


@pytest.fixture
def standin(tmp_path, monkeypatch):
    with for_commands(tmp_path / "pods", monkeypatch) as running:
        yield running


@pytest.fixture
def project(tmp_path, own_settings):
    kept = settings.load()
    kept.runpod = {"workdir": str(tmp_path / "pods" / "work"), "python": sys.executable}
    settings.save(kept)
    made = project_in(tmp_path / "p")
    (made.configs_dir / "punk.toml").write_text(CONFIG, encoding="utf-8")
    yield made
    for folder in made.runs_dir.glob("*"):
        courier = courier_of(RunDir(folder))
        if courier is not None:
            courier.kill()


def bespoke(*words):
    """Start the command line as a program of its own."""
    command = [sys.executable, "-m", "bespoke_gui", *map(str, words)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def entries(project):
    return QueueFile(project).read().entries


def run_dir_of(project, number):
    """The run of an entry once it has one."""
    run = wait_for(lambda: entries(project)[number].run, 120)
    return RunDir(project.runs_dir / run)


def stages(run_dir):
    return [line["name"] for line in lines_of(run_dir) if line["event"] == "stage"]


def test_a_sweep_on_rented_cards_killed_in_the_middle(standin, project, capsys):
    words = [
        "queue", "sweep", project.configs_dir / "punk.toml", "learning_rate=1e-4,5e-5",
        "--project", project.folder, "--engine", "fake", "--backend", "runpod", "--gpu", "A100",
        "--max-usd", "4", "--max-hours", "3",
    ]  # fmt: skip
    assert console([str(word) for word in words]) == 0, capsys.readouterr().err
    assert [entry.place["max_usd"] for entry in entries(project)] == [4, 4]
    run = ["queue", "run", "--project", project.folder]

    first = bespoke(*run)
    one = run_dir_of(project, 0)
    wait_for(lambda: standin.account.pods, 120)
    first.kill()
    first.communicate()
    courier = wait_for(lambda: courier_of(one), 60)
    courier.kill()
    psutil.wait_procs([courier], timeout=10)
    most = []

    second = bespoke(*run)
    two = run_dir_of(project, 1)
    assert read_run(one.folder).state == "finished", "the second waits for the end of the first"
    assert (one.read_job() or {})["released"] is True
    wait_for(lambda: most.append(len(standin.account.pods)) or second.poll() is not None, 300)
    out, err = second.communicate()
    assert second.returncode == 0, (out, err)

    assert max(most) == 1, "never two at a time"
    assert [entry.state for entry in entries(project)] == ["done", "done"], entries(project)
    assert standin.account.billing() == []
    assert billing.still_billing() == billing.Bills()
    assert len(standin.calls("POST /v2/pods")) == 2
    assert len(standin.account.ended) == 2
    assert len(list(project.runs_dir.iterdir())) == 2
    check_money(standin, one, two)
    for run_dir in (one, two):
        assert [item.epoch for item in read_run(run_dir.folder).checkpoints] == [1, 2, 3]
        assert stages(run_dir).count("smoke run") == 1, "nothing is trained twice"
    rates = {read_json(one.spec_path)["config"]["learning_rate"] for one in (one, two)}
    assert rates == {1e-4, 5e-5}


def check_money(standin, *run_dirs):
    """Each pod has its entry in the ledger, with its caps and what it cost."""
    written = {entry.run: entry for entry in ledger.entries()}
    assert set(written) == {run_dir.run for run_dir in run_dirs}
    for run_dir in run_dirs:
        entry = written[run_dir.run]
        assert (entry.max_usd, entry.max_hours) == (4, 3)
        assert entry.released is not None
        assert not entry.is_open
        assert entry.spent_usd == pytest.approx(standin.account.spent(entry.id), rel=0.2)
        job = run_dir.read_job()
        assert (job["cap_usd"], job["cap_hours"]) == (4, 3)
        assert job["cost_usd"] == pytest.approx(entry.spent_usd, abs=1e-5)


def test_nothing_free_fails_that_entry_and_the_next_one_goes_on(standin, project):
    standin.account.gpus["NVIDIA L4"].free["SECURE"] = 0
    for gpu in ("L4", "A100"):
        words = ["queue", "add", project.configs_dir / "punk.toml", "--project", project.folder]
        words += ["--engine", "fake", "--backend", "runpod", "--gpu", gpu]
        assert console([str(word) for word in words]) == 0
    assert console(["queue", "run", "--project", str(project.folder)]) == 1
    one, two = entries(project)
    assert (one.state, two.state) == ("failed", "done"), (one.note, two.note)
    assert "nothing could be rented of L4" in one.note
    assert standin.account.billing() == []
    assert [entry.is_open for entry in ledger.entries()] == [False, False]
