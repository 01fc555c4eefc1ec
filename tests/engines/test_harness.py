"""The harness keeps the run protocol whatever the engine does."""

import errno
import json
import os
import signal
import subprocess
import sys

import pytest

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.engines.catalogue import ENGINES
from bespoke_gui.engines.failures import classify
from bespoke_gui.engines.harness import execute
from tests.engines.runs import ROOT, events, make_run, start_engine
from tests.engines.test_fake import wait_for


def test_the_engines_are_found_without_importing_torch():
    code = (
        "import os, sys; from bespoke_gui.engines.catalogue import ENGINES; names = list(ENGINES);"
        "assert os.environ['GOMP_SPINCOUNT'] == '0';"
        "assert not {'torch', 'numpy', 'PIL'} & set(sys.modules), 'too much imported';"
        "print(*names)"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    found = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["caption", "fake", "kohya", "lora", "sample"] == list(ENGINES)


def test_engine_code_runs_on_python_3_10(root):
    python = next((p for p in ("python3.10", *_pyenv_310()) if _works(p)), None)
    if python is None:
        pytest.skip("no Python 3.10 on this machine")
    code = (
        "import bespoke_gui.engines.harness as h;"
        "from bespoke_gui.engines.catalogue import ENGINES; print(*ENGINES)"
    )
    env = {**os.environ, "PYTHONPATH": str(root)}
    found = subprocess.run([python, "-c", code], env=env, capture_output=True, text=True)
    assert found.stdout.split() == ["caption", "fake", "kohya", "lora", "sample"], found.stderr


def _pyenv_310():
    from pathlib import Path

    return [str(p) for p in Path.home().glob(".pyenv/versions/3.10*/bin/python")]


def _works(python):
    try:
        return subprocess.run([python, "-V"], capture_output=True).returncode == 0
    except OSError:
        return False


def test_an_engine_process_leaves_every_file_of_the_protocol(tmp_path):
    run_dir = make_run(tmp_path / "r", options={"seconds_per_step": 0.0})
    process = start_engine(run_dir)
    assert process.wait(timeout=60) == 0
    exit_ = run_dir.read_exit()
    assert exit_ is not None
    assert exit_["outcome"] == "finished"
    hello, *_, done = events(run_dir)
    assert hello["event"] == "hello"
    assert hello["versions"]["python"]
    assert (done["event"], done["outcome"]) == ("done", "finished")
    assert run_dir.heartbeat_path.exists()


def test_what_is_printed_goes_to_the_log_and_exit_codes_tell_the_outcome(tmp_path):
    run_dir = make_run(tmp_path / "r", options={"seconds_per_step": 0.0, "fail": "engine_crash"})
    process = start_engine(run_dir)
    assert process.wait(timeout=60) == 1
    assert "something nobody thought of" in run_dir.log_path.read_text("utf-8")
    assert (run_dir.read_exit() or {})["kind"] == "engine_crash"


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_terminate_signal_saves_and_ends(tmp_path):
    run_dir = make_run(tmp_path / "r", options={"seconds_per_step": 0.05, "epochs": 50})
    process = start_engine(run_dir)
    wait_for(lambda: run_dir.events_path.exists() and events(run_dir, "progress"))
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 130
    assert (run_dir.read_exit() or {})["outcome"] == "cancelled"
    assert list(run_dir.outputs.glob("*-step*.safetensors"))


@pytest.mark.parametrize(
    ("spec", "word"),
    [
        ("{", "no readable run spec"),
        ('{"run": "r", "engine": "nothing"}', "no engine"),
        ('{"run": "r"}', "no readable run spec"),
        ('{"run": "r", "engine": "fake", "schema": 99}', "newer"),
    ],
)
def test_a_bad_spec_is_one_line_and_never_a_traceback_for_people(tmp_path, spec, word):
    run_dir = RunDir(tmp_path / "r").create()
    run_dir.spec_path.write_text(spec, encoding="utf-8")
    outcome, fields = execute(run_dir)
    assert (outcome, fields["kind"]) == ("failed", "bad_config")
    assert word in fields["message"]


def test_a_missing_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    _, fields = execute(make_run(tmp_path / "r", engine="lora"))
    assert fields["kind"] == "missing_package"
    assert "torch" in fields["message"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RuntimeError("CUDA error: out of memory"), "oom"),
        (MemoryError(), "oom"),
        (ImportError("No module named x", name="x"), "missing_package"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
        (RuntimeError("I/O error: No space left on device (os error 28)"), "disk_full"),
        (ConnectionResetError("reset"), "network"),
        (AppError("x", kind="no_data"), "no_data"),
        (AppError("x"), "bad_config"),
        (ZeroDivisionError("division by zero"), "engine_crash"),
        (KeyError("connection"), "engine_crash"),
    ],
)
def test_any_exception_has_a_kind(error, kind):
    assert classify(error)[0] == kind


def test_events_are_json_lines_with_a_time(tmp_path):
    run_dir = make_run(tmp_path / "r", options={"seconds_per_step": 0.0, "epochs": 1})
    execute(run_dir)
    for line in run_dir.events_path.read_text("utf-8").splitlines():
        assert json.loads(line)["time"] > 0
