"""What lies on a machine of earlier runs: listed, judged, removed. A real sshd, hostile links."""

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.core.machines import save_machine
from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.launch.remote import machine_clean, tidy
from bespoke_gui.launch.remote.real_travel import RealTravel
from bespoke_gui.launch.remote.tidy import Lying, look_there, old_ones, remove_there
from tests.engines.runs import ROOT
from tests.launch.remote_kit import (
    asked_run,
    carry_home,
    end_all,
    kill_far,
    kinds,
    remote_folder,
    remote_run,
    shorten_waits,
    wait_for,
)
from tests.launch.sshd import Sshd, needs_sshd
from tests.launch.supervised import PYTHON

OLD, OLDER = "0123456789abcdef", "fedcba9876543210"
LONG_AGO = time.time() - 40 * 86400


@pytest.fixture
def root(tmp_path):
    """Bespoke's folder on a machine, as the tool there sees it."""
    (tmp_path / "there" / "bespoke").mkdir(parents=True)
    return tmp_path / "there" / "bespoke"


@pytest.fixture
def treasure(tmp_path):
    """A folder beside ours that nothing may touch."""
    folder = tmp_path / "treasure" / OLD
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "gold").write_text("x" * 5000)
    yield folder
    assert (folder / "deep" / "gold").read_text() == "x" * 5000


def lay(root, key, size=1000, age=LONG_AGO):
    folder = root / key
    folder.mkdir(parents=True)
    (folder / "content").write_bytes(bytes(size))
    os.utime(folder, (age, age))
    return folder


def run_there(root, name="r", spec=None, **files):
    folder = root / "runs" / name
    (folder / "outputs").mkdir(parents=True)
    (folder / "spec.json").write_text(json.dumps(spec or {}))
    for key, data in files.items():
        (folder / f"{key}.json").write_text(json.dumps(data))
    for path in (*folder.iterdir(), folder):
        os.utime(path, (LONG_AGO, LONG_AGO))
    return folder


def call(word, root, *keys, **manifests):
    """One command, run as it is there."""
    wanted = [
        dict(zip(("kind", "name"), key.split("/", 1), strict=True), manifest=manifests.get(key, ""))
        for key in keys
    ]
    done = subprocess.run(
        [PYTHON, "-I", machine_clean.__file__, word, str(root)], text=True, check=False,
        input=json.dumps({"entries": wanted}), capture_output=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def by_key(root):
    return {f"{e['kind']}/{e['name']}": e for e in call("list", root)["entries"]}


# -- the tool there -----------------------------------------------------------------------------


def test_what_lies_there_with_size_age_and_runs(root):
    lay(root, f"code/{OLD}", 4000)
    lay(root, f"models/{OLDER}", 7000)
    lay(root, "code/not ours")
    lay(root, f"hub/{OLD}")
    spec = {"base": f"{root}/models/{OLDER}/base.safetensors"}
    job = {"start": {"code": f"{root}/code/{OLD}"}}
    run_there(root, spec=spec, job=job, exit={"outcome": "finished"})
    found = by_key(root)
    assert sorted(found) == [f"code/{OLD}", f"models/{OLDER}", "runs/r"]
    assert found[f"code/{OLD}"]["bytes"] == 4000
    assert found[f"models/{OLDER}"]["runs"] == found[f"code/{OLD}"]["runs"] == ["r"]
    assert found[f"code/{OLD}"]["used"] == pytest.approx(LONG_AGO, abs=1)
    assert not any(entry["kept"] for entry in found.values())


def test_what_a_run_needs_stays(root):
    lay(root, f"env/{OLD}")
    lay(root, f"env/{OLDER}")
    run_there(root, job={"start": {"python": f"{root}/env/{OLD}/venv/bin/python"}})
    assert by_key(root)[f"env/{OLD}"]["kept"] == "r uses it"
    assert by_key(root)["runs/r"]["kept"] == "it has not ended"
    answer = call("remove", root, f"env/{OLD}", f"env/{OLDER}", "runs/r")
    assert [one["name"] for one in answer["removed"]] == [OLDER]
    assert len(answer["kept"]) == 2
    assert (root / "env" / OLD).is_dir()


def test_nothing_goes_while_a_run_is_being_sent(root):
    lay(root, f"code/{OLD}")
    (root / "runs" / "new").mkdir(parents=True)
    (root / "runs" / "new" / "contact").touch()
    answer = call("remove", root, f"code/{OLD}", "runs/new")
    assert [one["why"] for one in answer["kept"]] == [
        "new is being sent there", "it is being sent there",
    ]  # fmt: skip
    old = time.time() - 2 * machine_clean.YOUNG_S
    for path in (root / "runs" / "new" / "contact", root / "runs" / "new"):
        os.utime(path, (old, old))
    assert len(call("remove", root, f"code/{OLD}")["removed"]) == 1


def test_an_environment_that_is_being_made_stays(root):
    env = lay(root, f"env/{OLD}")
    with (env / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert call("remove", root, f"env/{OLD}")["kept"][0]["why"] == "it is being made"
    assert call("remove", root, f"env/{OLD}")["removed"]


def test_a_checkpoint_that_no_manifest_names_keeps_its_run(root):
    folder = run_there(root, exit={"outcome": "failed"})
    (folder / "outputs" / "a.safetensors").write_bytes(b"x")
    why = call("remove", root, "runs/r")["kept"][0]["why"]
    assert why == "a.safetensors is in no list of finished files"
    assert folder.is_dir()


def test_a_state_that_never_came_here_keeps_its_run(root):
    folder = run_there(root, exit={"outcome": "failed"})
    (folder / "state" / "step_00000004").mkdir(parents=True)
    why = call("remove", root, "runs/r")["kept"][0]["why"]
    assert why == "step_00000004 is in no list of finished files"
    listed = '{"name": "state/step_00000004/a.safetensors", "size": 1, "sha256": ""}\n'
    (folder / "manifest.jsonl").write_text(listed)
    assert by_key(root)["runs/r"]["kept"] == ""
    (folder / "manifest.jsonl").unlink()
    (folder / "exit.json").write_text('{"outcome": "finished"}')
    assert by_key(root)["runs/r"]["kept"] == ""


def test_a_run_goes_only_as_it_was_verified(root):
    folder = run_there(root, exit={"outcome": "finished"})
    (folder / "manifest.jsonl").write_text('{"name": "outputs/a.txt"}\n')
    assert "other files" in call("remove", root, "runs/r")["kept"][0]["why"]
    known = by_key(root)["runs/r"]["manifest"]
    assert call("remove", root, "runs/r", **{"runs/r": known})["removed"]
    assert not folder.exists()


@pytest.mark.parametrize(
    "key",
    [
        "code/../../treasure", "code/..", "code/.", "code/", "runs/..", f"../treasure/{OLD}",
        f"hub/{OLD}", f"code/{OLD}/deep", "code/0123456789ABCDEF", f"code/{OLD}\n", "runs/.hidden",
    ],
)  # fmt: skip
def test_names_that_are_not_ours_are_refused(root, treasure, key):
    lay(root, "runs/.hidden")
    lay(root, f"hub/{OLD}")
    answer = call("remove", root, key)
    assert answer["removed"] == []
    assert answer["kept"][0]["why"] == "there is no such folder of ours"
    assert (root / "runs" / ".hidden").is_dir()
    assert (root / "hub" / OLD).is_dir()


def test_links_are_never_followed(root, treasure):
    """As a folder of ours, as the folder above it, and in one that goes."""
    (root / "code").mkdir()
    (root / "code" / OLD).symlink_to(treasure)
    (root / "env").symlink_to(treasure.parent)
    (root / f"{machine_clean.REMOVING}code-{OLD}").symlink_to(treasure)
    going = lay(root, f"models/{OLDER}")
    (going / "out").symlink_to(treasure)
    (going / "deep").mkdir()
    (going / "deep" / "file").symlink_to(treasure / "deep" / "gold")
    assert list(by_key(root)) == [f"models/{OLDER}"]
    assert by_key(root)[f"models/{OLDER}"]["bytes"] == 1000
    answer = call("remove", root, f"code/{OLD}", f"env/{OLD}", f"models/{OLDER}")
    assert [one["name"] for one in answer["removed"]] == [OLDER]
    assert not going.exists()
    assert (root / "code" / OLD).is_symlink()


def test_links_in_place_of_the_files_of_a_run_tell_nothing(root, treasure):
    folder = run_there(root, job={"pid": 1})
    (treasure.parent / "exit.json").write_text('{"outcome": "finished"}')
    (folder / "exit.json").symlink_to(treasure.parent / "exit.json")
    os.mkfifo(folder / "manifest.jsonl")
    assert call("remove", root, "runs/r")["kept"][0]["why"] == "it has not ended"


def test_what_a_cut_removal_left_goes_with_the_next(root):
    lay(root, f"{machine_clean.REMOVING}env-{OLD}")
    assert by_key(root) == {}
    call("remove", root)
    assert list(root.iterdir()) == []


def test_what_cannot_be_deleted_is_said(root, monkeypatch):
    lay(root, f"env/{OLD}")

    def refuse(path):
        raise PermissionError(13, "Permission denied", f"{path}/content")

    monkeypatch.setattr(shutil, "rmtree", refuse)
    answer = machine_clean.remove(root, [{"kind": "env", "name": OLD}])
    assert answer["removed"] == []
    assert answer["kept"][0]["why"].endswith("content: permission denied")


# -- from here ----------------------------------------------------------------------------------


def test_both_sides_mean_the_same_folders_and_this_one_works_on_every_system():
    for name in ("HASHED", "KINDS", "HASH", "RUN"):
        assert getattr(tidy, name) == getattr(machine_clean, name)
    code = (
        "import sys; from bespoke_gui.launch.remote import tidy, real_travel\n"
        "sys.exit(any(n.endswith(('machine_clean', 'machine_side')) for n in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0


def test_old_is_what_nobody_will_miss():
    days = 86400.0
    entries = [
        Lying("env", "old", age_s=20 * days), Lying("env", "new", age_s=3 * days),
        Lying("code", "next", age_s=20 * days, current=True),
        Lying("models", "used", age_s=20 * days, kept="r uses it"),
        Lying("runs", "done", age_s=20 * days, outcome="finished"),
        Lying("runs", "failed", age_s=20 * days, outcome="failed"),
    ]  # fmt: skip
    assert [one.name for one in old_ones(entries)] == ["old", "done"]
    assert [one.name for one in old_ones(entries, 0)] == ["old", "new", "done"]


def test_what_a_machine_says_is_read_with_care():
    good = {"kind": "env", "name": OLD, "bytes": 5, "used": 90.0, "runs": ["r\x1b[31m"]}
    assert tidy._read(good, 100.0) == Lying("env", OLD, 5, 10.0, ("r",))
    for wrong in ({"kind": "etc"}, {"name": "../x"}, {"name": 3}, {"kind": ["env"]}):
        assert tidy._read({**good, **wrong}, 100.0) is None
    odd = tidy._read({**good, "bytes": -5, "used": "x", "runs": 3, "kept": 7}, 100.0)
    assert (odd.bytes, odd.age_s, odd.runs, odd.kept) == (0, 0.0, (), "7")


@pytest.fixture
def machine(tmp_path):
    with Sshd(tmp_path) as sshd:
        yield sshd.machine()


@pytest.fixture
def ran(machine, tmp_path):
    """A run that has ended there and is here."""
    run_dir = remote_run(tmp_path / "runs" / "20261126-ran", machine)
    try:
        assert carry_home(run_dir, travel=RealTravel())["outcome"] == "finished"
        yield run_dir
    finally:
        kill_far(remote_folder(machine, run_dir))


@needs_sshd
def test_a_run_is_removed_only_while_all_of_it_is_here(machine, ran, tmp_path, treasure):
    far = remote_folder(machine, ran)
    place = Path(machine.workdir) / "bespoke"
    lay(place, f"env/{OLD}", 4000)
    lay(place, f"models/{OLDER}").joinpath("out").symlink_to(treasure)

    def kept(*runs):
        return {one.key: one.kept for one in look_there(machine, runs)}

    assert kept()[f"runs/{ran.run}"] == "its folder is not known on this computer"
    found = look_there(machine, [tmp_path / "runs"])
    entry = next(one for one in found if one.kind == "runs")
    assert (entry.kept, entry.outcome) == ("", "finished")
    assert {one.kind for one in found if one.current} == {"code", "tools"}
    assert ran.run in next(one for one in found if one.kind == "code").runs

    checkpoint = next(ran.outputs.glob("*.safetensors"))
    whole = checkpoint.read_bytes()
    checkpoint.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert checkpoint.name in kept(tmp_path / "runs")[f"runs/{ran.run}"]
    removed = remove_there(machine, [entry], [tmp_path / "runs"])
    assert (removed.keys, list(removed.kept)) == ((), [f"runs/{ran.run}"])
    assert far.folder.is_dir()

    checkpoint.write_bytes(whole)
    chosen = [one for one in found if not one.kept and not one.current]
    removed = remove_there(machine, chosen, [tmp_path / "runs"])
    assert set(removed.keys) == {f"env/{OLD}", f"models/{OLDER}", f"runs/{ran.run}"}
    assert removed.kept == {}
    assert removed.bytes > 5000
    assert not far.folder.exists()
    assert checkpoint.read_bytes() == whole


@needs_sshd
def test_nothing_of_a_run_that_goes_on_is_offered(machine, tmp_path, monkeypatch):
    shorten_waits(monkeypatch)
    run_dir = asked_run(tmp_path / "runs" / "r", machine, epochs=400, seconds_per_step=0.05)
    BACKENDS["ssh"].start(run_dir)
    try:
        wait_for(lambda: "progress" in kinds(run_dir))
        found = look_there(machine, [tmp_path / "runs"])
        assert {one.kind for one in found} == {"code", "tools", "runs"}
        assert all(one.kept for one in found)
        assert remove_there(machine, found, [tmp_path / "runs"]).keys == ()
    finally:
        end_all(run_dir, machine)


@needs_sshd
def test_the_command_asks_for_a_yes(machine, tmp_path, capsys):
    save_machine(machine)
    place = Path(machine.workdir) / "bespoke"
    lay(place, f"code/{OLD}", 4000)
    lay(place, f"env/{OLDER}", age=time.time())

    def bespoke(*words):
        with contextlib.suppress(SystemExit):
            code = console(["machines", "clean", "box", *words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    for words, code in (((), 2), (("--dry-run",), 0)):
        found, data = bespoke(*words)
        assert found == code
        assert [one["key"] for one in data["entries"] if one["chosen"]] == [f"code/{OLD}"]
        assert (data["removed"], data["bytes_chosen"]) == ([], 4000)
        assert (place / "code" / OLD).is_dir()
    code, data = bespoke("--yes", "--only", "env")
    assert (code, data["removed"]) == (0, [])
    code, data = bespoke("--yes")
    assert (code, data["removed"], data["bytes_removed"]) == (0, [f"code/{OLD}"], 4000)
    code, data = bespoke("--yes", "--all", "--only", "env,models")
    assert (code, data["removed"]) == (0, [f"env/{OLDER}"])
    assert not (place / "code" / OLD).exists()
    shutil.rmtree(place)
