"""What is done on the other machine: looked at, unpacked, an environment made once."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from bespoke_gui.launch.remote import machine_side
from tests.launch.supervised import PYTHON

FILE = Path(machine_side.__file__)
SMI = """#!/bin/sh
case "$*" in
  *compute_cap*) echo "NVIDIA A100-SXM4-80GB, 81920, 550.54.15, 8.0" ;;
  *query*) exit 1 ;;
  *) echo "| NVIDIA-SMI 550.54.15    Driver Version: 550.54.15    CUDA Version: 12.4 |" ;;
esac
"""


def call(*words, given=None):
    """One command, run as it is there."""
    done = subprocess.run(
        [PYTHON, "-I", str(FILE), *map(str, words)], input=json.dumps(given or {}), text=True,
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def zipped(path, **files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/"), text)
    return machine_side.hash_of(path)["sha256"]


# -- probe ------------------------------------------------------------------------------------


def test_the_cards_as_nvidia_smi_shows_them(tmp_path, monkeypatch):
    (tmp_path / "nvidia-smi").write_text(SMI)
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    found = call("probe", tmp_path / "root", PYTHON)
    assert found["gpus"] == [{"name": "NVIDIA A100-SXM4-80GB", "memory_mb": 81920,
                              "driver": "550.54.15", "capability": "8.0"}]  # fmt: skip
    assert found["cuda"] == "12.4"
    assert found["disk_free"] > 0
    assert found["memory"] > 0
    named = found["pythons"][0]
    assert named["path"] == PYTHON
    assert named["named"] is True


@pytest.mark.parametrize("word", ["No devices were found", "", "Failed to initialize NVML"])
def test_a_machine_that_lost_its_card(tmp_path, monkeypatch, word):
    (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\necho '{word}'\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert machine_side.gpus() == ([], True)


def test_an_old_driver_without_capability_still_says_the_card(tmp_path, monkeypatch):
    cases = '*compute_cap*) exit 2;; *query*) echo "Tesla K80, 11441, 470";;'
    text = f'#!/bin/sh\ncase "$*" in {cases} esac'
    (tmp_path / "nvidia-smi").write_text(text)
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert machine_side.gpus()[0][0] == {"name": "Tesla K80", "memory_mb": 11441, "driver": "470",
                                         "capability": ""}  # fmt: skip


@pytest.mark.parametrize(
    "head",
    [
        "| NVIDIA-SMI 580.95.05   Driver Version: 580.95.05    CUDA Version: 13.0     |",
        "| NVIDIA-SMI 610.43.02   KMD Version: 610.43.02   CUDA UMD Version: 13.0     |",
    ],
)
def test_the_cuda_of_a_driver_in_both_its_words(tmp_path, monkeypatch, head):
    (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\necho '{head}'\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert machine_side.cuda_of_driver() == "13.0"


# -- unpacking --------------------------------------------------------------------------------


def test_unpacked_whole_and_only_once(tmp_path):
    packed, folder = tmp_path / "run" / "a.zip", tmp_path / "run"
    folder.mkdir()
    digest = zipped(packed, data__1__a="one", state__s="new")
    (folder / "state").mkdir()
    (folder / "state" / "s").write_text("kept")
    (folder / "data").mkdir()
    (folder / "data" / "old").write_text("from another package")
    assert call("unpack", packed, digest, folder) == {"unpacked": True}
    assert (folder / "data" / "1" / "a").read_text() == "one"
    assert not (folder / "data" / "old").exists()
    assert (folder / "state" / "s").read_text() == "kept"
    assert not packed.exists()
    assert call("unpack", packed, digest, folder) == {"unpacked": True}


def test_a_damaged_zip_changes_nothing(tmp_path):
    digest = zipped(tmp_path / "a.zip", data__a="one")
    raw = bytearray((tmp_path / "a.zip").read_bytes())
    raw[40] ^= 1
    (tmp_path / "a.zip").write_bytes(raw)
    assert call("unpack", tmp_path / "a.zip", digest, tmp_path) == {"error": "arrived damaged"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip"]


@pytest.mark.parametrize("name", ["/etc/x", "data/../../x", "..", "a\\b"])
def test_names_that_lead_out_are_refused(tmp_path, name):
    (tmp_path / "in").mkdir()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("data/first", "x")
        archive.writestr(name, "x")
    digest = machine_side.hash_of(tmp_path / "a.zip")["sha256"]
    assert "unsafe name" in call("unpack", tmp_path / "a.zip", digest, tmp_path / "in")["error"]
    assert list((tmp_path / "in").iterdir()) == []


def test_the_hash_of_a_file_and_of_none(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert call("hash", tmp_path / "a")["size"] == 3
    assert call("hash", tmp_path / "b") == {"size": None, "sha256": ""}


# -- environment ------------------------------------------------------------------------------


def wheel(folder, name="tinything", version="1.0"):
    """A wheel made by hand, for a pip without network."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", f"version = {version!r}\n")
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return folder


def wanted(wheels, requirements="tinything==1.0\n"):
    check = "import json, tinything; print(json.dumps({'torch': tinything.version, 'cuda': False}))"
    return {"python": PYTHON, "requirements": requirements, "check": check,
            "words": ["--no-index", "--find-links", str(wheels), "--no-deps"]}  # fmt: skip


def until(env, state):
    end = time.monotonic() + 120
    while time.monotonic() < end:
        found = call("look", env)
        if found["state"] == state:
            return found
        assert found["state"] in ("making", state), (env / "log.txt").read_text()
        time.sleep(0.1)
    raise AssertionError(found)


def test_an_environment_is_made_once_by_a_process_of_its_own(tmp_path):
    env, plan = tmp_path / "env", wanted(wheel(tmp_path / "wheels"))
    assert call("look", env) == {"state": "none", "log_size": 0}
    assert call("make", env, given=plan)["state"] in ("making", "ready")
    found = until(env, "ready")
    assert (found["torch"], found["cuda"]) == ("1.0", False)
    assert subprocess.run([found["python"], "-c", "import tinything"], check=False).returncode == 0
    assert "tinything" in (env / "log.txt").read_text()
    made = (env / "venv").stat().st_ino
    assert call("make", env, given=plan)["state"] == "ready"
    assert (env / "venv").stat().st_ino == made


def test_one_that_was_cut_short_is_made_anew(tmp_path):
    env, plan = tmp_path / "env", wanted(wheel(tmp_path / "wheels"))
    call("make", env, given=plan)
    maker = next(
        int(path.parent.name) for path in Path("/proc").glob("[0-9]*/cmdline")
        if str(env).encode() in path.read_bytes() and b"make" in path.read_bytes()
    )  # fmt: skip
    os.killpg(os.getpgid(maker), signal.SIGKILL)
    end = time.monotonic() + 30
    while call("look", env)["state"] != "none":
        assert time.monotonic() < end
    (env / "venv").mkdir(exist_ok=True)
    (env / "venv" / "left over").touch()
    call("make", env, given=plan)
    until(env, "ready")
    assert not (env / "venv" / "left over").exists()


def test_making_is_ended_with_everything_it_started_and_leaves_nothing(tmp_path):
    env, plan = tmp_path / "env", wanted(wheel(tmp_path / "wheels"))
    call("make", env, given={**plan, "check": "import time; time.sleep(600)"})
    end = time.monotonic() + 120
    while not sleeping(env):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert call("unmake", env)["state"] == "none"
    assert not sleeping(env)
    assert [path.name for path in env.iterdir() if path.name != "requirements.txt"] == ["lock"]
    call("make", env, given=plan)
    until(env, "ready")
    assert call("unmake", env)["state"] == "ready"
    assert (env / "venv" / "pyvenv.cfg").exists()
    assert call("unmake", tmp_path / "nothing")["state"] == "none"
    assert not (tmp_path / "nothing").exists()


def sleeping(env):
    """The processes whose program lies in an environment."""
    inside = [line for line in command_lines() if line.startswith(bytes(env / "venv"))]
    return [line for line in inside if b"sleep(600)" in line]


def command_lines():
    """The command lines of all processes."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(path.read_bytes())
    return found


def test_one_package_is_asked_for_alone_and_first(tmp_path):
    wheels = wheel(wheel(tmp_path / "wheels"), "other")
    plan = wanted(wheels, "tinything==1.0\nother\n")
    first = ["other==1.0", *plan["words"]]
    call("make", tmp_path / "env", given={**plan, "first": first})
    until(tmp_path / "env", "ready")
    log = (tmp_path / "env" / "log.txt").read_text()
    assert log.index("Successfully installed other-1.0") < log.index("installed tinything-1.0")


def test_one_that_failed_says_so_and_can_be_tried_again(tmp_path):
    env, wheels = tmp_path / "env", wheel(tmp_path / "wheels")
    call("make", env, given=wanted(wheels, "nothere==1\n"))
    assert until(env, "failed")["code"] == 1
    assert "No matching distribution" in (env / "log.txt").read_text()
    call("make", env, given=wanted(wheels))
    until(env, "ready")


def test_packages_of_an_environment_of_the_machine_are_used(tmp_path):
    """As on machines whose torch lies in an environment and not in the installation."""
    call("make", tmp_path / "theirs", given=wanted(wheel(tmp_path / "wheels")))
    theirs = until(tmp_path / "theirs", "ready")["python"]
    check = "import json, tinything; print(json.dumps({'torch': tinything.__file__}))"
    plan = {**wanted(tmp_path / "wheels", "tinything\n"), "python": theirs, "check": check}
    for reuse, place in ((True, "theirs"), (False, "ours")):
        env = tmp_path / f"ours {reuse}"
        call("make", env, given={**plan, "system_site": reuse})
        found = until(env, "ready")["torch"]
        assert found.startswith(str(tmp_path / (place if reuse else env.name)))
        assert Path(theirs).exists()


def test_looking_does_not_keep_an_environment_from_being_made(tmp_path):
    """Whoever looks holds the lock for a moment; the maker waits for it."""
    env, plan = tmp_path / "env", wanted(wheel(tmp_path / "wheels"))
    env.mkdir()
    code = (
        f"import sys, json, pathlib; sys.path.insert(0, {str(FILE.parent)!r}); import machine_side;"
        f"machine_side.make_here(pathlib.Path({str(env)!r}), json.load(sys.stdin))"
    )
    with (env / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        maker = subprocess.Popen([PYTHON, "-c", code], stdin=subprocess.PIPE, text=True)
        with pytest.raises(subprocess.TimeoutExpired):
            maker.communicate(json.dumps(plan), timeout=1)
        assert call("look", env)["state"] == "none"
    assert maker.wait(120) == 0
    assert call("look", env)["state"] == "ready"


def test_a_maker_that_cannot_even_begin_says_why(tmp_path):
    call("make", tmp_path / "env", given={"python": PYTHON})
    until(tmp_path / "env", "failed")
    assert "KeyError: 'requirements'" in (tmp_path / "env" / "log.txt").read_text()
