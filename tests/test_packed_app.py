"""The packed app (PyInstaller): registries are not empty, commands work without torch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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
