"""`bespoke machines` and `bespoke train --machine`, on a real sshd."""

import json

import pytest
from PIL import Image

from bespoke_gui.__main__ import console
from bespoke_gui.core.machines import fingerprint, load_machines, pinned_keys
from bespoke_gui.core.rundir import RunDir
from tests.launch.remote_kit import end_all, shorten_waits
from tests.launch.sshd import Sshd, needs_sshd

pytestmark = needs_sshd
CONFIG = '[training_arguments]\noutput_name = "punk"\nmax_train_epochs = 2\n'


@pytest.fixture
def sshd(tmp_path, monkeypatch):
    shorten_waits(monkeypatch)
    with Sshd(tmp_path) as running:
        yield running


@pytest.fixture
def address(sshd):
    machine = sshd.machine(pinned=False)
    return f"ssh://{machine.user}@127.0.0.1:{machine.port}"


def ask(capsys, *words):
    """Run a command with --json; returns exit code, data and what people see."""
    code = console([*map(str, words), "--json"])
    shown = capsys.readouterr()
    return code, json.loads(shown.out) if shown.out else {}, shown.err


def test_a_machine_is_added_checked_listed_and_removed(sshd, address, capsys):
    words = ("machines", "add", "box", address, "--key", sshd.key_file, "--workdir", sshd.workdir)
    code, answer, told = ask(capsys, *words)
    assert (code, answer["error"]["kind"]) == (2, "usage")
    assert f"--accept-host-key {sshd.fingerprint}" in told
    assert not load_machines()
    code, answer, told = ask(capsys, *words, "--accept-host-key", "SHA256:somethingelse")
    assert (code, answer["error"]["kind"]) == (1, "auth")
    assert not pinned_keys("127.0.0.1", sshd.port)
    code, answer, told = ask(capsys, *words, "--accept-host-key", sshd.fingerprint)
    assert answer["probe"]["cpus"] >= 1
    assert {problem["code"] for problem in answer["problems"]} >= {"no_gpu"} or code == 0
    assert [fingerprint(key) for key in pinned_keys("127.0.0.1", sshd.port)] == [sshd.fingerprint]
    code, answer, _ = ask(capsys, "machines", "list")
    assert [(m["name"], m["host_keys"]) for m in answer["machines"]] == [
        ("box", [sshd.fingerprint])
    ]
    code, answer, _ = ask(capsys, "machines", "check", "box")
    assert answer["machine"]["port"] == sshd.port
    assert (ask(capsys, "machines", "remove", "box")[0], load_machines()) == (0, {})


def test_a_machine_that_shows_another_key_is_never_asked_about(sshd, address, capsys, monkeypatch):
    words = ("machines", "check", address, "--key", sshd.key_file)
    ask(capsys, *words, "--accept-host-key", sshd.fingerprint)
    sshd.new_host_key()
    sshd.restart()
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    code, _answer, told = ask(capsys, *words)
    assert (code, "another key than before" in told) == (2, True)
    assert "nothing was sent" in told
    ask(capsys, *words, "--accept-host-key", sshd.fingerprint)
    assert [fingerprint(key) for key in pinned_keys("127.0.0.1", sshd.port)] == [sshd.fingerprint]


@pytest.mark.parametrize(("typed", "code"), [("yes\n", {0, 1}), ("y\n", {2}), ("\n", {2})])
def test_on_a_terminal_a_new_key_is_asked_about(sshd, address, capsys, monkeypatch, typed, code):
    class Terminal:
        def isatty(self):
            return True

        def readline(self):
            return typed

    monkeypatch.setattr("bespoke_gui.commands._machine.sys.stdin", Terminal())
    monkeypatch.setattr("bespoke_gui.commands._machine.sys.stderr.isatty", lambda: True)
    got, _, told = ask(capsys, "machines", "check", address, "--key", sshd.key_file)
    assert sshd.fingerprint in told
    assert got in code
    assert bool(pinned_keys("127.0.0.1", sshd.port)) == (typed == "yes\n")


def test_a_machine_without_a_key_or_out_of_reach_is_one_line(sshd, address, capsys):
    code, answer, told = ask(capsys, "machines", "check", address)
    assert (code, "no key to log in with" in told) == (2, True)
    sshd.stop()
    code, answer, told = ask(capsys, "machines", "check", address, "--key", sshd.key_file)
    assert (code, answer["error"]["kind"], len(told.splitlines())) == (1, "network", 1)


def test_train_on_a_machine_from_the_command_line(tmp_path, sshd, address, capsys):
    data = tmp_path / "set" / "2_lad"
    data.mkdir(parents=True)
    for name in ("a", "b"):
        Image.new("RGB", (64, 64), "red").save(data / f"{name}.png")
        (data / f"{name}.txt").write_text("pixel art", encoding="utf-8")
    config, run = tmp_path / "c.toml", tmp_path / "r"
    config.write_text(CONFIG, encoding="utf-8")
    ask(capsys, "machines", "add", "box", address, "--key", sshd.key_file, "--workdir",
        sshd.workdir, "--accept-host-key", sshd.fingerprint)  # fmt: skip
    words = ("train", config, "--data", data.parent, "--engine", "fake", "--machine", "box")
    try:
        code, answer, told = ask(capsys, *words, "--run-dir", run, "--wait")
        assert (code, answer["outcome"]) == (0, "finished"), told
        assert [item["epoch"] for item in answer["checkpoints"]] == [1, 2]
        assert "here and verified: outputs/punk.safetensors" in told
        code, answer, told = ask(capsys, "runs", "show", run)
        shown = answer["runs"][0]
        assert (shown["backend"], shown["elsewhere"]["machine"]["name"]) == ("ssh", "box")
        assert shown["elsewhere"]["missing"] == []
        assert ask(capsys, "runs", "fetch", run)[0] == 0
        assert ask(capsys, "runs", "release", run)[0] == 0
        spec = json.loads((run / "spec.json").read_text("utf-8"))
        assert spec["place"]["machine"]["name"] == "box"
        code, answer, told = ask(capsys, "runs", "sample", run)
        assert (code, "is not running" in told) == (1, True)
    finally:
        end_all(RunDir(run), load_machines()["box"])


def test_stop_and_controls_of_a_run_on_a_machine(tmp_path, sshd, capsys):
    from bespoke_gui.core.machines import save_machine
    from bespoke_gui.launch.base import BACKENDS
    from tests.launch.remote_kit import asked_run, kinds, wait_for

    machine = sshd.machine()
    save_machine(machine)
    run_dir = asked_run(tmp_path / "r", machine, epochs=400, seconds_per_step=0.05)
    try:
        BACKENDS["ssh"].start(run_dir)
        wait_for(lambda: "progress" in kinds(run_dir))
        assert ask(capsys, "runs", "sample", run_dir.folder)[0] == 0
        wait_for(lambda: "sample" in kinds(run_dir))
        code, answer, _told = ask(capsys, "runs", "stop", run_dir.folder)
        assert (code, answer["runs"][0]["state"]) == (0, "cancelled")
        assert answer["runs"][0]["checkpoints"]
    finally:
        end_all(run_dir, machine)
