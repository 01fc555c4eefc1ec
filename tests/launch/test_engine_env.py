"""The engine's environment: found, installed, marked when incomplete, removed."""

import sys
from pathlib import Path

import pytest

from bespoke_gui.core import settings
from bespoke_gui.core.errors import AppError
from bespoke_gui.launch import engine_env


@pytest.fixture
def small(tmp_path, monkeypatch):
    """An engine that needs nothing, so that installing it needs no network."""
    path = tmp_path / "requirements.txt"
    path.write_text("# nothing\n", encoding="utf-8")
    monkeypatch.setattr(engine_env, "_requirements", lambda: path)
    monkeypatch.setattr(engine_env, "_CHECK", "import json")
    monkeypatch.setattr(engine_env, "INSTALL_BYTES", 1000)
    monkeypatch.setattr(engine_env, "has_packages", lambda: False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return path


def test_install_use_and_remove(small):
    assert engine_env.engine_python() is None
    with pytest.raises(AppError, match="not installed") as caught:
        engine_env.python_for("lora")
    assert caught.value.kind == "missing_package"
    lines: list[str] = []
    python = engine_env.install(lines.append)
    assert python.is_file()
    assert lines[-1] == "the engine is installed"
    assert engine_env.engine_python() == python == engine_env.python_for("lora")
    found = engine_env.status()
    assert (found.source, found.complete) == ("managed", True)
    assert found.bytes > 1000
    small.write_text("# another version\n", encoding="utf-8")
    assert engine_env.engine_python() is None, "an old installation was taken for the new one"
    assert engine_env.remove() > 1000
    assert not engine_env.folder().exists()


def test_a_cancelled_installation_is_incomplete(small):
    with pytest.raises(AppError) as caught:
        engine_env.install(lambda line: None, cancelled=lambda: True)
    assert caught.value.kind == "cancelled"
    assert engine_env.status().complete is False
    assert engine_env.engine_python() is None


def test_no_room_is_said_before_anything_is_made(small, monkeypatch):
    monkeypatch.setattr(engine_env, "INSTALL_BYTES", 1 << 60)
    with pytest.raises(AppError, match="GB") as caught:
        engine_env.install(lambda line: None)
    assert caught.value.kind == "disk_full"
    assert not engine_env.folder().exists()


def test_the_setting_wins_and_a_wrong_one_is_passed_over(small, tmp_path):
    settings.save(settings.Settings(engine_python=sys.executable))
    assert engine_env.engine_python() == Path(sys.executable)
    settings.save(settings.Settings(engine_python=str(tmp_path / "no-python")))
    assert engine_env.engine_python() is None


def test_failures_of_pip_are_one_line():
    lines = ["Collecting torch", "ERROR: No matching distribution found for torch"]
    assert engine_env.explained(lines).kind == "network"
    assert engine_env.explained(["[Errno 28] No space left on device"]).kind == "disk_full"
    assert engine_env.explained([]).message.startswith("the installation failed")


def test_another_python_sees_our_code_but_not_our_packages(tmp_path, monkeypatch):
    fake_root = tmp_path / "site-packages"
    (fake_root / "bespoke_gui" / "launch").mkdir(parents=True)
    (fake_root / "bespoke_gui" / "views").mkdir()
    (fake_root / "bespoke_gui" / "__init__.py").write_text("")
    monkeypatch.setattr(
        engine_env, "__file__", str(fake_root / "bespoke_gui" / "launch" / "engine_env.py")
    )
    found = engine_env.environment(Path("/other/python"))["PYTHONPATH"].split(":")[0]
    assert sorted(p.name for p in Path(found).iterdir()) == ["bespoke_gui"]
    assert not (Path(found) / "bespoke_gui" / "views").exists()
    assert "PYTHONPATH" not in engine_env.environment(Path(sys.executable))


@pytest.mark.parametrize(
    ("system", "capability", "cuda", "build"),
    [
        ("linux", None, (), "cpu"),
        ("win32", None, (), ""),
        ("linux", (8, 6), (13, 0), ""),
        ("win32", (8, 6), (13, 0), "cu130"),
        ("win32", (), (), "cu130"),
        ("linux", (8, 9), (12, 4), "cu126"),
        ("win32", (7, 5), (12, 8), "cu126"),
        ("linux", (6, 1), (13, 0), "cu126"),  # a GTX 1080 with a new driver
        ("linux", (), (), ""),
    ],
)
def test_the_torch_that_fits_the_card_here(system, capability, cuda, build):
    assert engine_env.torch_build(system, capability, cuda) == build


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for nvidia-smi")
def test_the_card_here_is_asked_for(tmp_path, monkeypatch):
    text = (
        "#!/bin/sh\ncase $1 in --query*) echo 8.6; echo 6.1;; "
        "*) echo '| KMD Version: 610.43.02  CUDA UMD Version: 13.3 |';; esac\n"
    )
    (tmp_path / "nvidia-smi").write_text(text)
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert engine_env._card() == ((6, 1), (13, 3))
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\nexit 9\n")
    assert engine_env._card() == ((), ())
    monkeypatch.setattr(engine_env, "_has_nvidia", lambda: False)
    assert engine_env._card() == (None, ())
