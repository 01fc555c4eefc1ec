"""The packed app (PyInstaller): registries are not empty, commands work without torch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from bespoke_gui.core.rundir import RunDir
from tests.launch.remote_kit import (
    check_equal,
    courier_of,
    end_all,
    kinds,
    remote_folder,
    shorten_waits,
    wait_for,
)
from tests.launch.sshd import Sshd, needs_sshd

ROOT = Path(__file__).resolve().parent.parent


def test_spec_collects_every_module():
    text = (ROOT / "build.spec").read_text(encoding="utf-8")
    assert 'collect_submodules("bespoke_gui")' in text
    assert '("resources", "bespoke_gui/resources")' in text
    assert "torch" in text


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Path:
    pytest.importorskip("PyInstaller")
    out = tmp_path_factory.mktemp("packed")
    places = ["--distpath", str(out / "dist"), "--workpath", str(out / "work")]
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", *places, "build.spec"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return out / "dist" / "Bespoke" / ("Bespoke.exe" if os.name == "nt" else "Bespoke")


@pytest.mark.full
def test_packed_commands_work(app, tmp_path):
    def call(*words: object) -> dict:
        command = [str(app), *map(str, words), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode in (0, 1), done.stderr
        return json.loads(done.stdout)

    project = Path(call("demo", tmp_path / "demo")["project"])
    assert call("check", project)["stats"]["images"] == 40
    assert call("captions", "lint", project)["problems"]
    prepared = call("prepare", project / "dataset", tmp_path / "384", "--size", 384)
    assert all(image["native_exact"] for image in prepared["images"].values())
    scored = call("score", project / "galleries" / "demo")
    assert all("unique_colours" in row for row in scored["images"].values())
    assert not list(app.parent.rglob("torch"))


@pytest.mark.full
def test_packed_window_opens(app, tmp_path):
    environment = {**os.environ, "BESPOKE_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    window = subprocess.Popen([str(app)], env=environment)
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            window.wait(8)
    finally:
        window.kill()
        window.wait()


CONFIG = """pretrained_model_name_or_path = "embedded"
output_name = "packed"
max_train_epochs = 3
save_every_n_epochs = 1
train_batch_size = 2
network_module = "networks.lora"
network_dim = 4
"""


@pytest.mark.full
@pytest.mark.engine
@needs_sshd
def test_packed_courier_outlives_the_command(app, tmp_path, monkeypatch):
    """The packed app sends its own code and is its own courier."""
    shorten_waits(monkeypatch)
    with Sshd(tmp_path) as sshd:
        train_elsewhere(app, tmp_path, sshd)


def train_elsewhere(app, tmp_path, sshd):
    def words(*given):
        return [str(app), *map(str, given), "--json"]

    def call(*given):
        done = subprocess.run(words(*given), capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        return json.loads(done.stdout)

    machine = sshd.machine()
    project = Path(call("demo", tmp_path / "demo")["project"])
    (tmp_path / "packed.toml").write_text(CONFIG)
    call("machines", "add", "box", f"ssh://127.0.0.1:{sshd.port}", "--key", sshd.key_file,
         "--accept-host-key", sshd.fingerprint, "--workdir", machine.workdir,
         "--python", sys.executable)  # fmt: skip
    run_dir = RunDir(tmp_path / "runs" / "20261126-packed")
    command = subprocess.Popen(
        words("train", tmp_path / "packed.toml", "--data", project / "dataset", "--engine", "lora",
              "--backend", "ssh", "--machine", "box", "--run-dir", run_dir.folder, "--wait"),
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(lambda: "checkpoint" in kinds(run_dir), 600)
        command.kill()
        command.wait()
        courier = courier_of(run_dir)
        assert Path(courier.exe()) == app
        assert courier.cmdline()[1:] == ["--courier", str(run_dir.folder)]
        courier.kill()
        courier.wait()
        call("runs", "attach", run_dir.folder)
        ended = wait_for(run_dir.read_exit, 600)
        assert ended["outcome"] == "finished", ended
        wait_for(lambda: courier_of(run_dir) is None)
        check_equal(run_dir, remote_folder(machine, run_dir))
        found = sorted(path.name for path in run_dir.outputs.glob("*.safetensors"))
        assert found == ["packed-000001.safetensors", "packed-000002.safetensors",
                         "packed.safetensors"]  # fmt: skip
    finally:
        command.kill()
        command.wait()
        end_all(run_dir, machine)
    assert not [one for one in psutil.process_iter(["exe"]) if one.info["exe"] == str(app)]
