"""A whole run on the stand-in: rent, boot, upload, smoke run, train, fetch, verify, give back.

Everything is real but RunPod: courier process, sshd, supervisor, engine.
"""

import json
import os
import shutil
from pathlib import Path

import psutil
import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.core import settings
from bespoke_gui.core.lorafile import file_hash, write_tensors
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runs import read_run
from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.launch.remote.waits import VARIABLE
from bespoke_gui.launch.runpod import billing, ledger
from tests.engines.runs import make_run
from tests.launch.contract import check_a_run_from_start_to_end, check_stop
from tests.launch.remote_kit import courier_of, wait_for
from tests.launch.rented import for_commands
from tests.launch.sshd import needs_sshd
from tests.launch.standin_runpod import Boot, Fault
from tests.launch.test_machine_side import SMI
from tests.launch.test_ssh_backend import backend_ignoring_stages

pytestmark = needs_sshd
STANDIN = Path(__file__).parents[1] / "engines" / "standin_sd_scripts.py"
STAGES = [
    "renting", "booting", "checking the machine", "preparing the machine", "uploading",
    "smoke run", "releasing",
]  # fmt: skip
CONFIG = """
pretrained_model_name_or_path = "embedded"
output_name = "style"
max_train_epochs = 8
save_every_n_epochs = 1
train_batch_size = 2
resolution = "96,96"
network_dim = 4
learning_rate = 1e-3
seed = 3
"""


@pytest.fixture
def standin(tmp_path, monkeypatch):
    with for_commands(tmp_path / "pods", monkeypatch) as running:
        yield running


@pytest.fixture
def at(tmp_path, root, own_settings):
    """A folder with a config and ten images of the demo; pods use this very Python."""
    import sys

    kept = settings.load()
    kept.runpod = {"workdir": str(tmp_path / "pods" / "work"), "python": sys.executable}
    settings.save(kept)
    assert console(["demo", str(tmp_path / "demo")]) == 0
    images = tmp_path / "images"
    images.mkdir()
    for path in sorted((tmp_path / "demo" / "dataset").iterdir())[:12]:
        (images / path.name).write_bytes(path.read_bytes())
    (tmp_path / "style.toml").write_text(CONFIG, encoding="utf-8")
    yield tmp_path
    courier = courier_of(RunDir(tmp_path / "run"))
    if courier is not None:
        courier.kill()


@pytest.fixture
def train(at, capsys):
    """Run `bespoke train` on a rented card; return code and answer."""

    def run(*words, engine="fake", gpu="A100", wait=True):
        words = [
            "train", at / "style.toml", "--data", at / "images", "--run-dir", at / "run",
            "--backend", "runpod", "--gpu", gpu, "--engine", engine, "--json",
            *(["--wait"] if wait else []), *words,
        ]  # fmt: skip
        capsys.readouterr()
        code = console([str(word) for word in words])
        shown = capsys.readouterr()
        return code, json.loads(shown.out), shown.err

    return run


def slow(at):
    """Let the training take its time."""
    config = (at / "style.toml").read_text(encoding="utf-8")
    (at / "style.toml").write_text(config.replace("= 8", "= 4000"), encoding="utf-8")


def stages(run_dir):
    return [event.get("name") for event in run_dir.tail()[0] if event.event == "stage"]


def said(run_dir):
    return "\n".join(str(e.get("text")) for e in run_dir.tail()[0] if e.event == "log")


def check_whole(standin, at, answer, epochs=8):
    """Everything is here and verified, paid for, given back, and no secret lies anywhere."""
    run_dir = RunDir(at / "run")
    assert [one["epoch"] for one in answer["checkpoints"]] == list(range(1, epochs + 1))
    for one in answer["checkpoints"]:
        assert file_hash(Path(one["path"])) == one["sha256"]
    fetched = {e.get("path") for e in run_dir.tail()[0] if e.event == "fetched"}
    names = {Path(one["path"]).name for one in answer["checkpoints"]}
    assert names <= {Path(str(path)).name for path in fetched}
    found = stages(run_dir)
    assert [found.index(name) for name in STAGES] == sorted(found.index(name) for name in STAGES)
    job = run_dir.read_job()
    assert (job["released"], job["missing"]) == (True, [])
    assert job["self_stop"] == "armed"
    assert "estimate_usd" in job
    assert answer["cost_usd"] == pytest.approx(standin.account.spent(), rel=0.2)
    assert "it cost $" in said(run_dir)
    assert standin.account.billing() == []
    assert billing.still_billing() == billing.Bills()
    assert len(standin.calls("POST /v2/pods")) == 1
    check_clean(standin, at)


def check_clean(standin, at):
    """The owner's key and the throwaway key are in no file and no command line."""
    keys = settings.home() / "keys"
    assert not keys.is_dir() or not list(keys.iterdir())
    secret = standin.key.encode()
    for folder in (at, settings.home()):
        for path in folder.rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                assert secret not in data, path
                assert b"OPENSSH PRIVATE" not in data or "sshd" in path.parts, path


def asked(at, **options):
    """A run of the fake engine for a rented card, not started yet."""
    options = {"seconds_per_step": 0.01, "epochs": 3, "steps_per_epoch": 4, **options}
    return make_run(at / "run", options=options, place={"gpus": ["A100"]})


def test_the_contract(standin, at):
    check_a_run_from_start_to_end(backend_ignoring_stages(BACKENDS["runpod"]), asked(at))
    assert standin.account.billing() == []


def test_the_contract_of_stop(standin, at):
    check_stop(BACKENDS["runpod"], asked(at, epochs=400, seconds_per_step=0.05))
    assert standin.account.billing() == []


def test_eight_epochs_come_home_and_the_pod_goes(standin, at, train):
    code, answer, err = train("--max-usd", "5")
    assert code == 0, err
    assert "it is saved and ended at $5.00" in err
    check_whole(standin, at, answer)


@pytest.mark.engine
def test_eight_epochs_of_the_embedded_base(standin, at, train):
    code, answer, err = train(engine="lora")
    assert code == 0, err
    check_whole(standin, at, answer)
    info = read_run(at / "run")
    assert info.checkpoints[-1].learning_rate is not None


def test_sd_scripts_on_a_rented_machine(standin, at, train):
    """The engine kohya with a checkout that lies in the image; its words are told as events."""
    checkout, programs = at / "pods" / "sd-scripts", at / "pods" / "bin"
    for folder in (checkout, programs):
        folder.mkdir(parents=True)
    (programs / "nvidia-smi").write_text(SMI)
    (programs / "nvidia-smi").chmod(0o755)
    shutil.copyfile(STANDIN, checkout / "train_network.py")
    kept = settings.load()
    kept.runpod["sd_scripts"] = str(checkout)
    settings.save(kept)
    base = at / "base.safetensors"
    write_tensors(base, {"model.a": ("F16", (1,), b"\0\0")}, {})
    code, answer, err = train("--base", base, engine="kohya")
    assert code == 0, err
    assert [one["epoch"] for one in answer["checkpoints"]] == list(range(1, 9))
    assert standin.account.billing() == []
    events = RunDir(at / "run").tail()[0]
    steps = [e.get("step") for e in events if e.event == "progress"]
    assert steps == sorted(steps)
    assert {Path(str(e.get("path"))).name for e in events if e.event == "fetched"} >= {
        Path(one["path"]).name for one in answer["checkpoints"]
    }


def test_the_owners_key_is_in_no_command_line(standin, at, train):
    train(wait=False)
    run_dir = RunDir(at / "run")
    seen = set()

    def look():
        for process in psutil.process_iter():
            try:
                seen.update(process.cmdline())
            except psutil.Error:
                continue
        return run_dir.read_exit()

    assert wait_for(look, 120)["outcome"] == "finished"
    assert any("courier" in word for word in seen)
    assert not [word for word in seen if standin.key in word]


def test_stop_ends_run_and_pod(standin, at, train):
    train(wait=False)
    run_dir = RunDir(at / "run")
    wait_for(lambda: "smoke run" in stages(run_dir), 60)
    backend = BACKENDS["runpod"]
    wait_for(lambda: backend.stop(run_dir) == "ended", 120)
    wait_for(lambda: (run_dir.read_job() or {}).get("released"), 30)
    assert standin.account.billing() == []


def test_stop_while_it_boots_ends_the_pod(standin, at, train):
    standin.account.boots.append(Boot(0.1, 1e9))
    train(wait=False)
    run_dir = RunDir(at / "run")
    wait_for(lambda: standin.account.pods, 60)
    wait_for(lambda: BACKENDS["runpod"].stop(run_dir) == "ended", 60)
    assert read_run(run_dir.folder).state == "cancelled"
    assert standin.account.billing() == []
    assert len(standin.account.ended) == 1


def test_a_killed_courier_is_followed_up_with_the_same_pod(standin, at, train):
    train(wait=False)
    run_dir = RunDir(at / "run")
    backend = BACKENDS["runpod"]
    for stage in ("booting", "uploading", "smoke run"):
        wait_for(lambda stage=stage: stage in stages(run_dir), 90)
        courier = courier_of(run_dir)
        if courier is not None:
            courier.kill()
            courier.wait()
        backend.attach(run_dir)
    exit_ = wait_for(run_dir.read_exit, 120)
    assert exit_["outcome"] == "finished", exit_
    assert len(standin.calls("POST /v2/pods")) == 1
    assert len(read_run(run_dir.folder).checkpoints) == 8
    assert standin.account.billing() == []


def test_the_api_down_at_the_end_is_said_and_the_pod_ends_later(standin, at, train):
    train(wait=False)
    run_dir = RunDir(at / "run")
    wait_for(lambda: "checking the machine" in stages(run_dir), 60)
    standin.faults.plan(Fault("POST /v2/pods/*/action", status=503, times=-1))
    wait_for(run_dir.read_exit, 120)
    assert "may still cost money" in (run_dir.read_job() or {})["release_error"]
    (bill,) = billing.still_billing().bills
    assert bill.run == "run"
    standin.faults.clear()
    wait_for(lambda: (run_dir.read_job() or {}).get("released"), 60)
    assert standin.account.billing() == []


def test_a_vanished_pod_is_lost_with_what_is_here_named(standin, at, train):
    train(wait=False)
    run_dir = RunDir(at / "run")
    wait_for(lambda: (run_dir.read_job() or {}).get("remote", {}).get("pid"), 90)
    with standin.account.lock:
        for pod_id in list(standin.account.pods):
            standin.account.terminate(pod_id)
    exit_ = wait_for(run_dir.read_exit, 60)
    assert (exit_["outcome"], exit_["kind"]) == ("failed", "lost")
    assert "is gone" in exit_["message"]
    assert billing.still_billing() == billing.Bills()


def test_a_cap_that_is_near_has_the_run_save_and_end(standin, at, train):
    slow(at)
    train("--max-hours", "10", wait=False)
    run_dir = RunDir(at / "run")
    wait_for(lambda: any(e.event == "progress" for e in run_dir.tail()[0]), 90)
    assert list((at / "pods" / "work").rglob("limits.json")), "the pod knows when to end by itself"
    standin.clock.advance(10 * 3600 - 200)
    exit_ = wait_for(run_dir.read_exit, 60)
    assert (exit_["outcome"], exit_["kind"]) == ("failed", "budget")
    assert "the cap of 10 h is near" in exit_["message"]
    assert read_run(run_dir.folder).checkpoints, "what it saved then is here"
    wait_for(lambda: (run_dir.read_job() or {}).get("released"), 30)
    assert standin.account.billing() == []


def test_billing_ends_a_pod_through_the_courier_that_follows_it(standin, at, train):
    slow(at)
    train(wait=False)
    run_dir = RunDir(at / "run")
    wait_for(lambda: any(e.event == "progress" for e in run_dir.tail()[0]), 90)
    (bill,) = billing.still_billing().bills
    assert bill.followed
    billing.end("run", discard=True)
    assert standin.account.billing() == []
    exit_ = wait_for(run_dir.read_exit, 30)
    assert (exit_["outcome"], exit_["message"]) == ("cancelled", "the machine was given back")


def test_a_desktop_that_is_gone_pays_no_longer_than_it_must(standin, at, train, monkeypatch):
    waits = json.loads(os.environ[VARIABLE])
    monkeypatch.setenv(VARIABLE, json.dumps({**waits, "silent": 4}))
    train(wait=False)
    run_dir = RunDir(at / "run")
    wait_for(lambda: (run_dir.read_job() or {}).get("remote", {}).get("pid"), 90)
    courier = courier_of(run_dir)
    courier.kill()
    courier.wait()
    wait_for(lambda: standin.account.billing() == [], 120)
    (pod,) = standin.account.pods.values()
    assert pod.status == "EXITED", "the pod stopped itself, with its own key"
    stops = [one for one in standin.calls("POST /v2/pods/{id}/action") if one.key == pod.key]
    assert [one.body for one in stops] == [{"action": "stop"}]
    (bill,) = billing.still_billing().bills
    assert "nobody looks after it" in bill.words
    BACKENDS["runpod"].attach(run_dir)
    exit_ = wait_for(run_dir.read_exit, 120)
    assert exit_["outcome"] == "finished", exit_
    assert len(read_run(run_dir.folder).checkpoints) == 8
    wait_for(lambda: (run_dir.read_job() or {}).get("released"), 30)
    assert list(standin.account.pods) == []


def test_a_desktop_that_dies_before_the_first_connection_pays_half_an_hour(
    standin, at, train, monkeypatch, capsys
):
    """Here six seconds. The courier is killed for good while the pod boots; nothing connects."""
    waits = json.loads(os.environ[VARIABLE])
    short = {**waits, "boot_silent": 6, "guard_look": 1}
    monkeypatch.setenv(VARIABLE, json.dumps(short))
    standin.account.boot = Boot(0.5, 1.5)
    train(wait=False)
    run_dir = RunDir(at / "run")
    wait_for(lambda: standin.account.pods, 60)
    courier = courier_of(run_dir)
    courier.kill()
    courier.wait()
    (pod,) = standin.account.pods.values()
    assert pod.status != "RUNNING"
    wait_for(lambda: standin.account.billing() == [], 60)
    assert pod.status == "EXITED"
    said = [line for _, source, line in pod.log if source == "container"]
    assert "bespoke guard: armed: this pod stops itself after 6 s without anybody" in said
    stops = [one for one in standin.calls("POST /v2/pods/{id}/action") if one.key == pod.key]
    assert [one.body for one in stops] == [{"action": "stop"}]
    assert not list((at / "pods" / "work").rglob("contact")), "nobody ever connected"
    capsys.readouterr()
    assert console(["billing", "--json"]) == 0
    (bill,) = json.loads(capsys.readouterr().out)["runs"]
    assert "stopped, its disk costs $" in bill["words"]
    assert "nobody looks after it; it stopped itself because nobody was in contact" in bill["words"]
    monkeypatch.setenv(VARIABLE, json.dumps({**waits, "boot_silent": 60}))
    BACKENDS["runpod"].attach(run_dir)
    exit_ = wait_for(run_dir.read_exit, 120)
    assert exit_["outcome"] == "finished", exit_
    assert len(standin.calls("POST /v2/pods")) == 1
    assert standin.account.billing() == []


def test_the_guard_is_shown_and_gives_way_to_the_supervisor(standin, at, train):
    slow(at)
    train(wait=False)
    run_dir = RunDir(at / "run")
    wait_for(lambda: (run_dir.read_job() or {}).get("self_stop") == "armed at creation", 60)
    wait_for(lambda: (run_dir.read_job() or {}).get("self_stop") == "armed", 90)
    (pod,) = standin.account.pods.values()
    assert standin.key not in json.dumps(pod.body)
    BACKENDS["runpod"].release(run_dir)


def test_the_cost_is_the_last_word(standin, at, capsys):
    words = ["train", at / "style.toml", "--data", at / "images", "--run-dir", at / "run"]
    words += ["--backend", "runpod", "--gpu", "A100", "--engine", "fake", "--wait"]
    assert console([str(word) for word in words]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("run: finished, it cost $0.0")
    assert last.endswith("and the machine is given back")


def test_nothing_is_rented_for_a_wish_that_cannot_be(standin, at, train):
    for words, gpu in ((("--max-usd", "0"), "A100"), ((), "Voodoo"), ((), "")):
        code, answer, _ = train(*words, gpu=gpu)
        assert code == 2, answer
    assert not (at / "run" / "spec.json").exists()
    standin.account.key = "another"
    code, answer, _ = train()
    assert (code, answer["error"]["kind"]) == (1, "auth")
    assert ledger.entries() == []
